"""The layout of a project in PostgreSQL: its roles, tables, policies and functions, step by step.

One database schema a project, ``ja_NAME``, and three roles without login:

- ``ja_NAME_owner`` owns the tables. Row-level security is forced, so that the owner sees no payload either.
- ``ja_NAME_writer`` owns the functions, which are the only way to write, and has policies of its own.
- ``ja_NAME_member`` is what every login of a member is granted.

Every policy and function asks for ``session_user``, which neither SET ROLE nor a variable changes.
"""

from __future__ import annotations

__all__ = ["FORMAT", "ROLES", "SECLUDED", "STEPS", "filled"]

#: What a member may be; those after the first see what others answered.
ROLES = ("annotator", "reviewer", "adjudicator", "lead")
#: Kinds whose payload only the author, and who may see all, can read while the project is blinded.
SECLUDED = ("answer", "comment", "flag", "skip")

_OWNER_MAKES = """
CREATE TABLE {schema}.meta(name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE {schema}.head(
  one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL, digest text NOT NULL,
  at bigint NOT NULL, untold boolean NOT NULL DEFAULT false);
CREATE TABLE {schema}.members(
  login name PRIMARY KEY, annotator text NOT NULL UNIQUE CHECK (annotator <> ''),
  role text NOT NULL CHECK (role IN ('annotator', 'reviewer', 'adjudicator', 'lead')));
CREATE TABLE {schema}.events(
  position bigint PRIMARY KEY, event_id text COLLATE "C" NOT NULL UNIQUE, at bigint NOT NULL CHECK (at > 0),
  kind text NOT NULL, annotator_id text NOT NULL, annotator_kind text NOT NULL, item_id text NOT NULL,
  question text NOT NULL, schema text NOT NULL, "commit" text NOT NULL, digest text NOT NULL,
  CONSTRAINT printable CHECK (
    event_id || kind || annotator_id || annotator_kind || item_id || question || schema || "commit"
    !~ '[\\u0001-\\u001f\\u007f]'));
-- What may be read of an event by some only. The audience is its author, or empty for everybody.
CREATE TABLE {schema}.payloads(
  position bigint PRIMARY KEY, audience text NOT NULL, value text NOT NULL, context text NOT NULL,
  salt bytea NOT NULL);
CREATE TABLE {schema}.batches(
  digest text NOT NULL, number integer NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (digest, number));
ALTER TABLE {schema}.batches ALTER bytes SET STORAGE EXTERNAL; -- they are compressed already
CREATE VIEW {schema}.log WITH (security_invoker = true) AS
  SELECT e.position, e.event_id, e.at, e.kind, e.annotator_id, e.annotator_kind, e.item_id, e.question,
    e.schema, e."commit", e.digest, p.value, p.context, p.salt
  FROM {schema}.events AS e LEFT JOIN {schema}.payloads AS p USING (position);
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {writer}, {member};
GRANT INSERT ON {schema}.events, {schema}.payloads, {schema}.batches, {schema}.members TO {writer};
GRANT UPDATE ON {schema}.head, {schema}.members, {schema}.meta TO {writer};
GRANT DELETE ON {schema}.payloads TO {writer};
GRANT USAGE ON SCHEMA {schema} TO {member};
GRANT USAGE, CREATE ON SCHEMA {schema} TO {writer};
"""

_WRITER_MAKES = """
CREATE FUNCTION {schema}.my_annotator() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
  SELECT annotator FROM {schema}.members WHERE login = session_user $$;

CREATE FUNCTION {schema}.my_role() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
  SELECT role FROM {schema}.members WHERE login = session_user $$;

CREATE FUNCTION {schema}.sees_all() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
  SELECT coalesce((
    SELECT role <> 'annotator' OR (SELECT value FROM {schema}.meta WHERE name = 'blind') = 'off'
    FROM {schema}.members WHERE login = session_user), false) $$;

CREATE FUNCTION {schema}.governs() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
  SELECT coalesce({schema}.my_role() = 'lead', false) OR pg_has_role(session_user, '{owner}', 'MEMBER') $$;

-- HMAC-SHA256 of value and context under the salt, as events.commitment.
CREATE FUNCTION {schema}.commitment(p_salt bytea, p_value text, p_context text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_inner bytea := decode(repeat('36', 64), 'hex');
  v_outer bytea := decode(repeat('5c', 64), 'hex');
BEGIN
  FOR n IN 0 .. least(length(p_salt), 64) - 1 LOOP
    v_inner := set_byte(v_inner, n, get_byte(v_inner, n) # get_byte(p_salt, n));
    v_outer := set_byte(v_outer, n, get_byte(v_outer, n) # get_byte(p_salt, n));
  END LOOP;
  v_inner := sha256(v_inner || convert_to(p_value || chr(31) || p_context, 'UTF8'));
  RETURN encode(sha256(v_outer || v_inner), 'hex');
END $$;

-- Whether a person other than this member is made to say it; who speaks for the project needs no name.
CREATE FUNCTION {schema}.is_of_another(p_me text, p_kind text, p_annotator text, p_annotator_kind text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_annotator_kind = 'human' AND p_annotator <> p_me
    AND NOT (p_annotator = '' AND p_kind IN ('schema', 'items', 'prelabels', 'plan', 'role', 'merge')) $$;

-- What stands against this event by this member; null if nothing does. A lead answers for what it stores.
CREATE FUNCTION {schema}.objection(
  p_me text, p_role text, p_kind text, p_annotator text, p_annotator_kind text, p_holder text)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_annotator_kind NOT IN ('human', 'model', 'function', 'llm') THEN
    RETURN format('there is no annotator of kind %L', p_annotator_kind);
  ELSIF p_role = 'lead' THEN
    RETURN NULL;
  ELSIF p_annotator_kind <> 'human' THEN
    RETURN 'only a lead stores what a model or function says';
  ELSIF p_kind NOT IN (
      'answer', 'skip', 'undo', 'flag', 'comment', 'guidelines', 'assign', 'release', 'expire') THEN
    RETURN format('only a lead stores events of kind %L', p_kind);
  ELSIF p_annotator <> p_me THEN
    RETURN format('it is signed as %L, and this login is %L', p_annotator, p_me);
  ELSIF p_holder <> p_me THEN
    RETURN format('it is about what %L holds, and this login is %L', p_holder, p_me);
  END IF;
  RETURN NULL;
END $$;

-- Begin to write: nobody else does until the end of the transaction.
CREATE FUNCTION {schema}.lock_head(
  OUT p_position bigint, OUT p_digest text, OUT p_at bigint, OUT p_now bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF {schema}.my_role() IS NULL THEN
    RAISE EXCEPTION 'login % is no member of this project', session_user USING ERRCODE = '42501';
  END IF;
  SELECT position, digest, at INTO STRICT p_position, p_digest, p_at FROM {schema}.head FOR UPDATE;
  p_now := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
END $$;

-- Put events at the end, all or none. Time and digest are the server's; what is given of them is compared.
CREATE FUNCTION {schema}.append(
  p_id text[], p_at bigint[], p_kind text[], p_annotator text[], p_annotator_kind text[], p_item text[],
  p_question text[], p_schema text[], p_commit text[], p_digest text[], p_value text[], p_context text[],
  p_salt bytea[])
RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
  v_me text := {schema}.my_annotator();
  v_role text := {schema}.my_role();
  v_of_another boolean := false;
  v_erased boolean;
  v_begun bigint := (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint;
  v_head record;
  v_digest text;
  v_latest bigint;
  v_at bigint[] := '{}';
  v_digests text[] := '{}';
  v_next bigint;
  v_objection text;
BEGIN
  SELECT * INTO STRICT v_head FROM {schema}.lock_head();
  v_digest := v_head.p_digest;
  v_latest := v_head.p_at;
  FOR i IN 1 .. cardinality(p_id) LOOP
    v_objection := {schema}.objection(
      v_me, v_role, p_kind[i], p_annotator[i], p_annotator_kind[i],
      CASE WHEN p_kind[i] IN ('assign', 'release') THEN coalesce(p_value[i]::json ->> 'annotator', '') END);
    v_next := coalesce(p_at[i], greatest(v_head.p_now, v_latest + 1));
    IF v_role <> 'lead' AND p_at[i] IS NOT NULL AND (v_next <= v_latest OR v_next < v_begun
        OR v_next > greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, v_latest + 1)) THEN
      v_objection := coalesce(v_objection, 'its time is not now');
    END IF;
    -- What was erased where it comes from has its commitment only.
    v_erased := v_role = 'lead' AND p_value[i] IS NULL AND p_context[i] IS NULL AND p_salt[i] IS NULL;
    IF NOT v_erased
        AND {schema}.commitment(p_salt[i], p_value[i], p_context[i]) IS DISTINCT FROM p_commit[i] THEN
      v_objection := coalesce(v_objection, 'its payload is not the one committed to');
    END IF;
    IF v_objection IS NOT NULL THEN
      RAISE EXCEPTION 'event % was refused: %', p_id[i], v_objection USING ERRCODE = '42501';
    END IF;
    PERFORM p_value[i]::json, p_context[i]::json;
    v_digest := encode(sha256(decode(v_digest, 'hex') || sha256(convert_to(concat_ws(chr(31),
      'ja1', v_head.p_position + i, p_id[i], v_next, p_kind[i], p_annotator[i], p_annotator_kind[i],
      p_item[i], p_question[i], p_schema[i], p_commit[i]), 'UTF8'))), 'hex');
    IF p_digest[i] <> v_digest THEN
      RAISE EXCEPTION 'event % was refused: its digest does not follow', p_id[i] USING ERRCODE = '42501';
    END IF;
    v_of_another := v_of_another
      OR {schema}.is_of_another(v_me, p_kind[i], p_annotator[i], p_annotator_kind[i]);
    v_latest := greatest(v_latest, v_next);
    v_at := v_at || v_next;
    v_digests := v_digests || v_digest;
  END LOOP;
  INSERT INTO {schema}.events
    SELECT v_head.p_position + n, id, at, kind, who, what, item, question, schema, "commit", digest
    FROM unnest(p_id, v_at, p_kind, p_annotator, p_annotator_kind, p_item, p_question, p_schema, p_commit,
      v_digests) WITH ORDINALITY
      AS a(id, at, kind, who, what, item, question, schema, "commit", digest, n);
  INSERT INTO {schema}.payloads
    SELECT v_head.p_position + n,
      CASE WHEN kind IN ('answer', 'comment', 'flag', 'skip') THEN who ELSE '' END, value, context, salt
    FROM unnest(p_kind, p_annotator, p_value, p_context, p_salt) WITH ORDINALITY
      AS a(kind, who, value, context, salt, n)
    WHERE value IS NOT NULL;
  UPDATE {schema}.head SET position = v_head.p_position + cardinality(p_id), digest = v_digest, at = v_latest,
    untold = (untold OR v_of_another) AND 'merge' <> ALL (p_kind);
  PERFORM pg_notify('{channel}', '');
  RETURN array(SELECT v_head.p_position + n FROM generate_series(1, cardinality(p_id)) AS n);
END $$;

-- Delete payloads; the trigger looks whether the last event is an erasure that names them.
CREATE FUNCTION {schema}.erase(p_positions bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF {schema}.my_role() IS DISTINCT FROM 'lead' THEN
    RAISE EXCEPTION 'only a lead erases' USING ERRCODE = '42501';
  END IF;
  DELETE FROM {schema}.payloads WHERE position = ANY (p_positions);
END $$;

CREATE FUNCTION {schema}.keep_batch(p_digest text, p_number integer, p_bytes bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF {schema}.my_role() IS DISTINCT FROM 'lead' THEN
    RAISE EXCEPTION 'only a lead adds items and pre-labels' USING ERRCODE = '42501';
  END IF;
  INSERT INTO {schema}.batches VALUES (p_digest, p_number, p_bytes) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION {schema}.admit(p_login text, p_annotator text, p_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF NOT {schema}.governs() THEN
    RAISE EXCEPTION 'only a lead or an owner of the project changes who may do what' USING ERRCODE = '42501';
  END IF;
  INSERT INTO {schema}.members VALUES (p_login, p_annotator, p_role)
    ON CONFLICT (login) DO UPDATE SET role = excluded.role WHERE members.annotator = p_annotator;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'login % is another annotator already', p_login USING ERRCODE = '23505';
  END IF;
  PERFORM pg_notify('{channel}', '');
END $$;

CREATE FUNCTION {schema}.appoint(p_annotator text, p_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF NOT {schema}.governs() THEN
    RAISE EXCEPTION 'only a lead or an owner of the project changes who may do what' USING ERRCODE = '42501';
  END IF;
  UPDATE {schema}.members SET role = p_role WHERE annotator = p_annotator;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% is no member of this project', p_annotator USING ERRCODE = '22023';
  END IF;
  PERFORM pg_notify('{channel}', '');
END $$;

CREATE FUNCTION {schema}.blind(p_on boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF NOT {schema}.governs() THEN
    RAISE EXCEPTION 'only a lead or an owner of the project lifts the blinding' USING ERRCODE = '42501';
  END IF;
  UPDATE {schema}.meta SET value = CASE WHEN p_on THEN 'on' ELSE 'off' END WHERE name = 'blind';
  PERFORM pg_notify('{channel}', '');
END $$;

CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% never change', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

-- At the end of a transaction: what others are made to say needs a merge on record beside it.
CREATE FUNCTION {schema}.refuse_untold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
  IF (SELECT untold FROM {schema}.head) THEN
    RAISE EXCEPTION 'what is signed by others is stored only together with a merge event'
      USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION {schema}.refuse_unnamed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
  v_named bigint[];
BEGIN
  -- By its canonical form: a reason may hold what the server's own JSON functions refuse.
  SELECT string_to_array(substring(p.value FROM '^{"positions":\\[([0-9,]+)\\]'), ',') INTO v_named
    FROM {schema}.head AS h
      JOIN {schema}.events AS e USING (position) JOIN {schema}.payloads AS p USING (position)
    WHERE e.kind = 'erase';
  PERFORM FROM gone WHERE gone.position <> ALL (coalesce(v_named, '{}'));
  IF FOUND THEN
    RAISE EXCEPTION 'only an erase event deletes payloads' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {schema}.my_annotator, {schema}.my_role, {schema}.sees_all, {schema}.governs
  TO {member}, {owner};
GRANT EXECUTE ON FUNCTION {schema}.lock_head, {schema}.append, {schema}.erase, {schema}.keep_batch
  TO {member};
GRANT EXECUTE ON FUNCTION {schema}.admit, {schema}.appoint, {schema}.blind TO {member}, {owner};
GRANT EXECUTE ON FUNCTION {schema}.refuse, {schema}.refuse_unnamed, {schema}.refuse_untold TO {owner};
"""

_OWNER_GUARDS = """
REVOKE CREATE ON SCHEMA {schema} FROM {writer};
INSERT INTO {schema}.meta VALUES ('log_id', {log_id}), ('blind', 'on'), ('format', '0');
INSERT INTO {schema}.head VALUES (true, 0, {genesis}, 0);
DO $$
DECLARE v_name text;
BEGIN
  FOREACH v_name IN ARRAY ARRAY['meta', 'head', 'members', 'events', 'payloads', 'batches'] LOOP
    EXECUTE format('ALTER TABLE {schema}.%I ENABLE ROW LEVEL SECURITY', v_name);
    EXECUTE format('ALTER TABLE {schema}.%I FORCE ROW LEVEL SECURITY', v_name);
    EXECUTE format('CREATE POLICY writing ON {schema}.%I TO {writer} USING (true) WITH CHECK (true)', v_name);
    EXECUTE format('CREATE TRIGGER stays BEFORE TRUNCATE ON {schema}.%I EXECUTE FUNCTION {schema}.refuse()',
      v_name);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.%I FROM {owner}', v_name);
  END LOOP;
  FOREACH v_name IN ARRAY ARRAY['meta', 'head', 'events', 'batches'] LOOP
    EXECUTE format('CREATE POLICY reading ON {schema}.%I FOR SELECT'
      ' USING ((SELECT {schema}.my_annotator()) IS NOT NULL)', v_name);
  END LOOP;
  FOREACH v_name IN ARRAY ARRAY['events', 'batches'] LOOP
    EXECUTE format('CREATE TRIGGER never BEFORE UPDATE OR DELETE ON {schema}.%I'
      ' EXECUTE FUNCTION {schema}.refuse()', v_name);
  END LOOP;
END $$;
CREATE POLICY reading ON {schema}.members FOR SELECT
  USING (login = session_user OR (SELECT {schema}.governs()));
CREATE POLICY reading ON {schema}.payloads FOR SELECT USING (
  (audience = '' AND (SELECT {schema}.my_annotator()) IS NOT NULL)
  OR audience = (SELECT {schema}.my_annotator()) OR (SELECT {schema}.sees_all()));
CREATE TRIGGER never BEFORE UPDATE ON {schema}.payloads EXECUTE FUNCTION {schema}.refuse();
CREATE CONSTRAINT TRIGGER told AFTER UPDATE ON {schema}.head DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.untold) EXECUTE FUNCTION {schema}.refuse_untold();
CREATE TRIGGER named AFTER DELETE ON {schema}.payloads REFERENCING OLD TABLE AS gone
  EXECUTE FUNCTION {schema}.refuse_unnamed();
"""

#: Step n leads from layout n to n + 1; each is a list of who acts and what they run.
STEPS: list[tuple[tuple[str, str], ...]] = [
    (("owner", _OWNER_MAKES), ("writer", _WRITER_MAKES), ("owner", _OWNER_GUARDS)),
]
FORMAT = len(STEPS)


def filled(text: str, schema: str) -> str:
    """Return SQL with the names of one project in it."""
    names = {"schema": schema, "channel": schema}
    names |= {role: f"{schema}_{role}" for role in ("owner", "writer", "member")}
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    return text
