package org.llmgine.shell.internal;

import java.security.AccessController;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;

/** Tells who types: the session's JAAS subject as a principal of the host. */
final class Caller {
    private static final Map<String, String> ROLES =
            Map.of("admin", Principal.ADMIN, "manager", Principal.OPERATOR, "viewer", Principal.VIEWER);

    private Caller() {}

    /** Return the subject that this thread runs as. */
    // Karaf hands the subject on by this call and no other; the distribution's agent answers it on JDK 24 and newer.
    @SuppressWarnings("removal")
    static @Nullable Subject currentSubject() {
        return Subject.getSubject(AccessController.getContext());
    }

    /** Make a principal of a subject: its user's name, its Karaf roles as ours. */
    static Principal of(@Nullable Subject subject) {
        if (subject != null) {
            for (UserPrincipal user : subject.getPrincipals(UserPrincipal.class)) {
                return new Principal(user.getName(), roles(subject));
            }
        }
        throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "This shell session belongs to nobody.")
                .withHint("Use the host's console or log in by SSH.");
    }

    private static Set<String> roles(Subject subject) {
        Set<String> roles = new HashSet<>();
        for (RolePrincipal role : subject.getPrincipals(RolePrincipal.class)) {
            String ours = ROLES.get(role.getName());
            if (ours != null) {
                roles.add(ours);
            }
        }
        return roles;
    }
}
