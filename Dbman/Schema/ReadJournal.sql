SELECT scriptname FROM public.schema_versions
