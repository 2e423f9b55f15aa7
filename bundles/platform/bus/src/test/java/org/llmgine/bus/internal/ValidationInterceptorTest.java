package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.bus.internal.Shop.Closed;
import org.llmgine.bus.internal.Shop.Noted;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;

final class ValidationInterceptorTest {
    private static final Noted GOOD = new Noted(1, "text", null, Optional.empty());

    private static ValidationInterceptor interceptor(Object... settings) {
        return new ValidationInterceptor(Settings.of(ValidationConfig.class, settings));
    }

    private static void lacks(String field, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains(field);
            assertThat(e).hasMessageContaining("'" + field + "'");
        });
    }

    @Test
    void aSessionIsRequiredWhenItIsSaid() throws Exception {
        ValidationInterceptor strict = interceptor("requireSession", true);

        lacks("session", () -> strict.aroundCommand(new Place("a"), FakeContext.NONE, () -> "done"));
        lacks("session", () -> strict.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {}));
        assertThat(strict.aroundCommand(new Place("a"), FakeContext.inSession("s"), () -> "done"))
                .isEqualTo("done");
        assertThat(interceptor().aroundCommand(new Place("a"), FakeContext.NONE, () -> "done"))
                .isEqualTo("done");
    }

    @Test
    void aPrincipalIsRequiredWhenItIsSaid() throws Exception {
        ValidationInterceptor strict = interceptor("requirePrincipal", true);

        lacks("principal", () -> strict.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {}));
        assertThat(strict.aroundCommand(new Place("a"), FakeContext.NONE.of("ann"), () -> "done"))
                .isEqualTo("done");
    }

    @Test
    @SuppressWarnings({"NullAway", "NullOptional"})
    void aComponentThatIsNotNullableIsRequired() throws Exception {
        ValidationInterceptor interceptor = interceptor();

        assertThat(interceptor.aroundCommand(GOOD, FakeContext.NONE, () -> "done"))
                .isEqualTo("done");
        lacks(
                "text",
                () -> interceptor.aroundCommand(
                        new Noted(1, null, "remark", Optional.empty()), FakeContext.NONE, () -> "done"));
        lacks("by", () -> interceptor.aroundCommand(new Noted(1, "text", null, null), FakeContext.NONE, () -> "done"));
        assertThat(interceptor("checkComponents", false)
                        .aroundCommand(new Noted(1, null, null, null), FakeContext.NONE, () -> "done"))
                .isEqualTo("done");
    }

    @Test
    void whatIsNoRecordHasNoComponents() {
        assertThatCode(() -> interceptor().aroundEvent(new Closed(), FakeContext.NONE, () -> {}))
                .doesNotThrowAnyException();
    }

    @Test
    void otherTopicsAndTheBusOwnFactsPass() {
        ValidationInterceptor others = interceptor("topics", Settings.list("shop/stock/*"), "requireSession", true);

        assertThatCode(() -> others.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {}))
                .doesNotThrowAnyException();
        assertThatCode(() -> interceptor("requireSession", true)
                        .aroundEvent(new CommandStarted("a", "b"), FakeContext.NONE, () -> {}))
                .doesNotThrowAnyException();
    }
}
