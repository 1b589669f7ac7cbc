ALTER TABLE files
    -- Of pictures that may be shown. Null of other files, and of those stored before this script until somebody asks for their thumbnail.
    ADD COLUMN width           integer NULL,
    ADD COLUMN height          integer NULL,
    ADD COLUMN animated        boolean NOT NULL DEFAULT false,
    -- Null: not made yet. 0: none can be made.
    ADD COLUMN thumbnail_bytes integer NULL,
    -- Not validated: rows that are there have none of this, and reading them all would keep writers out.
    ADD CONSTRAINT files_picture CHECK ((width IS NULL) = (height IS NULL) AND width > 0 AND height > 0) NOT VALID,
    ADD CONSTRAINT files_thumbnail CHECK (thumbnail_bytes >= 0) NOT VALID;
