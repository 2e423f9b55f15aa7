-- Every statement may run again: H2 commits each at once, so that a crash can leave some of them done.
-- A body is JSON; the columns beside it are what is searched by.

CREATE TABLE IF NOT EXISTS accounts (
  name VARCHAR NOT NULL PRIMARY KEY,
  roles VARCHAR NOT NULL,
  password_hash VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS api_keys (
  id VARCHAR NOT NULL PRIMARY KEY,
  sha256 VARCHAR NOT NULL UNIQUE,
  account VARCHAR NOT NULL,
  label VARCHAR NOT NULL,
  created VARCHAR NOT NULL,
  expires VARCHAR
);

CREATE TABLE IF NOT EXISTS sessions (
  id VARCHAR NOT NULL PRIMARY KEY,
  owner VARCHAR NOT NULL,
  updated BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS sessions_of_owner ON sessions (owner, updated DESC, id);

CREATE TABLE IF NOT EXISTS entries (
  session VARCHAR NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  id VARCHAR NOT NULL,
  turn VARCHAR,
  body TEXT NOT NULL,
  PRIMARY KEY (session, position),
  UNIQUE (session, id)
);

-- The running turn of a session holds its id in "running", and a turn that isn't over its host's in "host".
CREATE TABLE IF NOT EXISTS turns (
  session VARCHAR NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  id VARCHAR NOT NULL,
  running VARCHAR UNIQUE,
  host VARCHAR,
  body TEXT NOT NULL,
  PRIMARY KEY (session, position),
  UNIQUE (session, id)
);

CREATE INDEX IF NOT EXISTS turns_of_host ON turns (host);

CREATE TABLE IF NOT EXISTS hosts (
  id VARCHAR NOT NULL PRIMARY KEY,
  node VARCHAR NOT NULL,
  heartbeat TIMESTAMP WITH TIME ZONE NOT NULL
);
