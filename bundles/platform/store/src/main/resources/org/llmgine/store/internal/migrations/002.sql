-- PostgreSQL gets what the comments in the lines say for it: ids are in the order of their bytes, whatever the database's locale.

CREATE TABLE IF NOT EXISTS dead_letters (
  id VARCHAR /* PostgreSQL: COLLATE "C" */ NOT NULL PRIMARY KEY,
  type VARCHAR NOT NULL,
  given_up BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS dead_letters_in_order ON dead_letters (given_up, id);

-- Who runs a timer is in "holder" until the time "until"; "claimant" is the id of the host where that is.
CREATE TABLE IF NOT EXISTS timers (
  id VARCHAR /* PostgreSQL: COLLATE "C" */ NOT NULL PRIMARY KEY,
  name VARCHAR UNIQUE,
  schedule VARCHAR NOT NULL,
  due BIGINT NOT NULL,
  parked INTEGER NOT NULL,
  content TEXT NOT NULL,
  progress TEXT NOT NULL,
  holder VARCHAR,
  until BIGINT,
  claimant VARCHAR
);

CREATE INDEX IF NOT EXISTS timers_due ON timers (due, id);

CREATE INDEX IF NOT EXISTS timers_of_claimant ON timers (claimant);

CREATE TABLE IF NOT EXISTS audit (
  id VARCHAR /* PostgreSQL: COLLATE "C" */ NOT NULL PRIMARY KEY,
  happened BIGINT NOT NULL,
  principal VARCHAR NOT NULL,
  action VARCHAR NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS events (
  id VARCHAR /* PostgreSQL: COLLATE "C" */ NOT NULL PRIMARY KEY,
  happened BIGINT NOT NULL,
  session VARCHAR NOT NULL,
  topic VARCHAR NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS events_by_time ON events (happened, id);

CREATE INDEX IF NOT EXISTS events_of_session ON events (session, id);

CREATE INDEX IF NOT EXISTS events_of_topic ON events (topic, id);
