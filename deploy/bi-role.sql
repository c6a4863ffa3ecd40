-- A database role for a BI tool such as Power BI: it reads the views of the schema "reporting" and nothing else.
-- Run it as the owner of the database, after `manage.py migrate`; put a long random password where the dots are.
CREATE ROLE case_audit_bi LOGIN PASSWORD '...' NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 5;
ALTER ROLE case_audit_bi SET default_transaction_read_only = on;
ALTER ROLE case_audit_bi SET statement_timeout = '120s';
REVOKE ALL ON SCHEMA public FROM case_audit_bi;
GRANT USAGE ON SCHEMA reporting TO case_audit_bi;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO case_audit_bi;
-- The views are made anew when a release changes them: this gives the role the new ones too. It holds for views made
-- by the role that runs it, so run it as the role that migrates.
ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO case_audit_bi;
