-- The four database roles, each with the least that it needs. Run it as a superuser (or as the database's owner with
-- CREATEROLE) in dueday's database, as often as you like:
--
--   psql "postgres://postgres@db/dueday" --file drizzle/roles.sql
--   \password dueday_owner                                               -- they cannot log in before they have one
--   DATABASE_URL=postgres://dueday_owner:...@db/dueday dueday migrate     -- the schema, and the rights in grants.sql
--   DATABASE_URL=postgres://dueday_app:...@db/dueday DUEDAY_WEBHOOK_DATABASE_URL=postgres://dueday_webhook:...@db/dueday \
--     dueday start
--
-- dueday_owner    owns the schema; for "dueday migrate" only
-- dueday_app      the daemon: no DDL, no DELETE, no TRUNCATE, and of what is written once no UPDATE
-- dueday_webhook  an intake of its own (DUEDAY_WEBHOOK_DATABASE_URL): stores webhooks and reads nothing else
-- dueday_ro       reports: reads, without payment tokens, bodies, links and digests
-- Whoever migrates with another user than these leaves this file alone; nothing asks for the roles.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['dueday_owner', 'dueday_app', 'dueday_webhook', 'dueday_ro'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOCREATEDB NOCREATEROLE', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- Not mended here: only a superuser may, and somebody has done it on purpose.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)) THEN
      RAISE EXCEPTION 'The role % has rights over the whole server: ALTER ROLE % NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION, then run this again.', role, role;
    END IF;
    -- pg_temp comes last, so that no temporary table takes the place of a real one.
    EXECUTE format('ALTER ROLE %I SET search_path = public, pg_temp', role);
  END LOOP;
END $$;

-- A second line: the daemon sets limits of its own for each connection, below these, and a migration waits a minute for another one.
ALTER ROLE dueday_owner CONNECTION LIMIT 20;
ALTER ROLE dueday_owner SET statement_timeout = '1h';
ALTER ROLE dueday_owner SET lock_timeout = '5min';
ALTER ROLE dueday_owner SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE dueday_app SET statement_timeout = '30s';
ALTER ROLE dueday_app SET lock_timeout = '10s';
ALTER ROLE dueday_app SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE dueday_webhook CONNECTION LIMIT 20;
ALTER ROLE dueday_webhook SET statement_timeout = '5s';
ALTER ROLE dueday_webhook SET lock_timeout = '3s';
ALTER ROLE dueday_webhook SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE dueday_ro CONNECTION LIMIT 20;
ALTER ROLE dueday_ro SET statement_timeout = '60s';
ALTER ROLE dueday_ro SET lock_timeout = '5s';
ALTER ROLE dueday_ro SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE dueday_ro SET default_transaction_read_only = on;

-- Nobody is in by default; drizzle keeps its journal in a schema of its own, which the owner makes.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO dueday_owner, dueday_app, dueday_webhook, dueday_ro', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO dueday_owner', current_database());
  IF NOT pg_has_role(current_user, 'dueday_owner', 'MEMBER') THEN
    EXECUTE format('GRANT dueday_owner TO %I', current_user);
  END IF;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO dueday_owner;
GRANT USAGE ON SCHEMA public TO dueday_app, dueday_webhook, dueday_ro;

-- A database that another user migrated is handed over.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT oid::regclass AS name FROM pg_class WHERE relkind IN ('r', 'p')
    AND relnamespace IN (to_regnamespace('public'), to_regnamespace('drizzle')) LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO dueday_owner', one.name);
  END LOOP;
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pronamespace = to_regnamespace('public') AND proname LIKE 'dueday\_%' LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO dueday_owner', one.name);
  END LOOP;
  IF to_regnamespace('drizzle') IS NOT NULL THEN
    ALTER SCHEMA drizzle OWNER TO dueday_owner;
  END IF;
END $$;
