-- The settings that were set through the host: a row for each change, the newest of a PID in force. Secrets are encrypted.

CREATE TABLE IF NOT EXISTS settings (
  pid VARCHAR NOT NULL,
  version BIGINT NOT NULL,
  happened BIGINT NOT NULL,
  principal VARCHAR NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (pid, version)
);
