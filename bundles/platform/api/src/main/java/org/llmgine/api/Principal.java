package org.llmgine.api;

import java.util.Objects;
import java.util.Set;

/**
 * Tell who is calling: every key, session, turn and memory belongs to one.
 *
 * @param name the account's name, unique in the host
 * @param roles the granted roles; a higher role includes the lower ones, see {@link #has(String)}
 */
public record Principal(String name, Set<String> roles) {
    /** May read what is not secret. */
    public static final String VIEWER = "viewer";

    /** May talk to models, and owns sessions and memories. */
    public static final String USER = "user";

    /** May change plugins and settings. */
    public static final String OPERATOR = "operator";

    /** May also manage keys and accounts. */
    public static final String ADMIN = "admin";

    /** The caller of what needs no principal, such as a login. */
    public static final Principal ANONYMOUS = new Principal("anonymous", Set.of());

    /** The host itself. */
    public static final Principal SYSTEM = new Principal("system", Set.of(ADMIN));

    /** Copy the roles. */
    public Principal {
        Objects.requireNonNull(name, "name");
        roles = Set.copyOf(roles);
    }

    /**
     * Tell whether this principal holds a role, directly or by a higher one: {@code admin} includes {@code operator},
     * which includes {@code user}, which includes {@code viewer}.
     */
    public boolean has(String role) {
        return roles.contains(role)
                || switch (role) {
                    case VIEWER -> has(USER);
                    case USER -> has(OPERATOR);
                    case OPERATOR -> has(ADMIN);
                    default -> false;
                };
    }
}
