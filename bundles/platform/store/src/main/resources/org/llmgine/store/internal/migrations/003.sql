-- What people are asked to approve. A turn that waits for it holds its session in "running" and no host.

CREATE TABLE IF NOT EXISTS approvals (
  id VARCHAR NOT NULL PRIMARY KEY,
  session VARCHAR NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  turn VARCHAR NOT NULL,
  event BIGINT NOT NULL,
  asked_by VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS approvals_of_turn ON approvals (session, turn, event);

CREATE INDEX IF NOT EXISTS approvals_of_owner ON approvals (asked_by, created DESC, id);

CREATE INDEX IF NOT EXISTS approvals_in_time ON approvals (created DESC, id);

CREATE INDEX IF NOT EXISTS approvals_that_expire ON approvals (state, expires);
