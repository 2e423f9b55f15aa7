package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Set;
import javax.security.auth.Subject;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;

class CallerTest {
    @Test
    void karafRolesAreTheHosts() {
        assertThat(Caller.of(subject("admin", "manager", "viewer", "systembundles", "ssh")))
                .isEqualTo(new Principal("ada", Set.of(Principal.ADMIN, Principal.OPERATOR, Principal.VIEWER)));
        assertThat(Caller.of(subject("manager", "ssh"))).isEqualTo(new Principal("ada", Set.of(Principal.OPERATOR)));
        assertThat(Caller.of(subject("viewer"))).isEqualTo(new Principal("ada", Set.of(Principal.VIEWER)));
    }

    @Test
    void aForeignRoleGrantsNothing() {
        assertThat(Caller.of(subject("ssh", "operator")).roles()).isEmpty();
    }

    @Test
    void nobodyIsRefused() {
        assertThatExceptionOfType(LlmgineException.class)
                .isThrownBy(() -> Caller.of(null))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
        assertThatExceptionOfType(LlmgineException.class).isThrownBy(() -> Caller.of(new Subject()));
    }

    private static Subject subject(String... roles) {
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal("ada"));
        for (String role : roles) {
            subject.getPrincipals().add(new RolePrincipal(role));
        }
        return subject;
    }
}
