-- dbman's own role: it owns its database, and is no superuser, so that a hole in dbman is not one in the server. Run once, by the image, on an empty disk.
-- Read from the environment, as an argument would show in the list of processes.
\getenv password DBMAN_PASSWORD
CREATE ROLE dbman LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER DATABASE "dbman-db" OWNER TO dbman;
REVOKE CONNECT, TEMPORARY ON DATABASE "dbman-db" FROM PUBLIC;
