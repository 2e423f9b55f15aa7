package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.internal.RoundTimer;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.Login;
import org.llmgine.core.command.VerifyPassword;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;

class DispatcherTest {
    private final Dispatcher dispatcher = new Dispatcher(
            new DirectBus(),
            new Audit(FakeSettings.of(AuditConfig.class, Map.of()), new InMemoryAuditStore(), new RoundTimer(false)));

    @Test
    void onlyWhoHoldsTheRoleMay() {
        dispatcher.needing(Principal.OPERATOR, ListModels.class, command -> List.of());

        assertThat(dispatcher.execute(new ListModels(principal(Principal.OPERATOR))))
                .isEmpty();
        assertThat(dispatcher.execute(new ListModels(principal(Principal.ADMIN))))
                .isEmpty();
        assertThat(dispatcher.execute(new ListModels(Principal.SYSTEM))).isEmpty();
        assertFails(() -> dispatcher.execute(new ListModels(principal(Principal.USER))), ErrorCode.FORBIDDEN);
        assertFails(() -> dispatcher.execute(new ListModels(Principal.ANONYMOUS)), ErrorCode.FORBIDDEN);
    }

    @Test
    void whatIsTheHostsOwnNobodyElseMay() {
        dispatcher.internal(FirstStart.class, command -> Optional.empty());

        assertThat(dispatcher.execute(new FirstStart(Principal.SYSTEM))).isEmpty();
        assertFails(() -> dispatcher.execute(new FirstStart(principal(Principal.ADMIN))), ErrorCode.FORBIDDEN);
        assertFails(
                () -> dispatcher.execute(new FirstStart(new Principal("system", Set.of(Principal.USER)))),
                ErrorCode.FORBIDDEN);
    }

    @Test
    void nothingButItsOwnExceptionLeaves() {
        LlmgineException own = new LlmgineException(ErrorCode.NOT_FOUND, "No.");
        dispatcher.open(ListModels.class, command -> {
            throw own;
        });
        dispatcher.open(ListKeys.class, command -> {
            throw new StackOverflowError();
        });

        assertThatThrownBy(() -> dispatcher.execute(new ListModels(Principal.ANONYMOUS)))
                .isSameAs(own);
        assertThatThrownBy(() -> dispatcher.execute(new ListKeys(Principal.ANONYMOUS)))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                .hasMessageMatching("The host failed; its log tells why under [0-9a-f]{8}\\.");
        assertFails(() -> dispatcher.execute(new FirstStart(Principal.SYSTEM)), ErrorCode.UNAVAILABLE);
    }

    @Test
    void noCommandTellsItsSecret() {
        assertThat(List.of(new Authenticate("hidden"), new Login("ann", "hidden"), new VerifyPassword("ann", "hidden")))
                .allSatisfy(command -> {
                    assertThat(command.toString()).doesNotContain("hidden");
                    assertThat(command.principal()).isEqualTo(Principal.ANONYMOUS);
                });
    }

    private static Principal principal(String role) {
        return new Principal("ann", Set.of(role));
    }

    private static void assertFails(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
