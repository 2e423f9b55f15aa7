package org.llmgine.store.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of {@value Store#PID}. */
@ObjectClassDefinition(
        name = "Store",
        description =
                "The database of sessions, accounts and keys. A change takes effect at the next start of the host.")
@interface StoreConfig {
    @AttributeDefinition(
            name = "URL",
            description =
                    "The PostgreSQL database, jdbc:postgresql://HOST:PORT/NAME or postgres://USER:PASSWORD@HOST/NAME;"
                            + " empty for a file in the data folder. The variable LLMGINE_DB_URL comes before it.",
            required = false)
    String url() default "";

    @AttributeDefinition(
            name = "User",
            description = "The database's user. The variable LLMGINE_DB_USER comes before it.",
            required = false)
    String user() default "";

    @AttributeDefinition(
            name = "Password",
            description = "The user's password. The variable LLMGINE_DB_PASSWORD comes before it.",
            type = AttributeType.PASSWORD,
            required = false)
    String password() default "";

    @AttributeDefinition(
            name = "Connections",
            description = "How many connections to the database the host may have open.",
            min = "2",
            max = "1000")
    int maxConnections() default 10;

    @AttributeDefinition(
            name = "Connection timeout (ms)",
            description = "How long a call waits for a connection to the database before it is refused as unavailable.",
            min = "250",
            max = "60000")
    long connectionTimeoutMs() default 5_000;

    @AttributeDefinition(
            name = "Start timeout (ms)",
            description = "How long a starting host waits for a database that can't be reached before it gives up.",
            min = "0",
            max = "3600000")
    long startTimeoutMs() default 60_000;
}
