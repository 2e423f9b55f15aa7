package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.IssuedKey;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.RevokeKey;

class KeyCommandsTest {
    private static final Instant CREATED = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final KeyEntry CI =
            new KeyEntry("key_ci", "ada", "the build", CREATED, Optional.of(Instant.parse("2026-12-22T10:00:00Z")));
    private static final KeyEntry CLI = new KeyEntry("key_cli", "admin", "cli", CREATED, Optional.empty());

    private final Screen screen = new Screen();

    @Test
    void keysAreATable() throws Exception {
        screen.show(new KeysCommand(), new FakeHost().on(ListKeys.class, command -> List.of(CI, CLI)))
                .execute();

        assertThat(screen.text().lines())
                .contains(
                        "key_ci  | ada     | the build | 2026-11-22T10:00:00Z | 2026-12-22T10:00:00Z",
                        "key_cli | admin   | cli       | 2026-11-22T10:00:00Z | never");
    }

    @Test
    void aNewKeyIsShownOnce() throws Exception {
        List<CreateKey> asked = new ArrayList<>();
        FakeHost host = new FakeHost().on(CreateKey.class, command -> {
            asked.add(command);
            return new IssuedKey(
                    "llm_secret", "key_1", new Principal(command.account(), Set.of()), CREATED.plusSeconds(60));
        });
        KeyCreateCommand command = screen.show(new KeyCreateCommand(), host);
        command.account = "ada";

        command.execute();
        command.days = 30;
        command.label = "the build";
        command.execute();

        assertThat(asked)
                .extracting(CreateKey::account, CreateKey::label, CreateKey::lifetime)
                .containsExactly(
                        tuple("ada", "shell", Optional.empty()),
                        tuple("ada", "the build", Optional.of(Duration.ofDays(30))));
        assertThat(screen.text().lines())
                .containsExactly(
                        "llm_secret",
                        "This is the only time that it is shown. Its id is key_1, it belongs to ada and never ends.",
                        "llm_secret",
                        "This is the only time that it is shown. Its id is key_1, it belongs to ada and ends at 2026-11-22T10:01:00Z.");
    }

    @Test
    void aLifetimeMustMakeSense() {
        for (int days : new int[] {-1, 1_000_000}) {
            KeyCreateCommand command = screen.show(new KeyCreateCommand(), new FakeHost());
            command.days = days;

            assertThatExceptionOfType(CommandException.class)
                    .isThrownBy(command::execute)
                    .withMessage("A key lives 1 to 36500 days.");
        }
    }

    @Test
    void aKeyIsRevokedByItsId() throws Exception {
        KeyRevokeCommand command = screen.show(new KeyRevokeCommand(), new FakeHost().on(RevokeKey.class, revoke -> {
                    if (revoke.keyId().equals(CI.keyId())) {
                        return CI;
                    }
                    throw new LlmgineException(ErrorCode.NOT_FOUND, "There is no key '" + revoke.keyId() + "'.");
                }));

        command.id = "key_ci";
        command.execute();

        assertThat(screen.text()).isEqualTo("The key key_ci (the build) of ada is no longer valid.\n");
        command.id = "key_x";
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("There is no key 'key_x'.");
    }

    @Test
    @SuppressWarnings("NullAway") // no session is needed
    void idsOfKeysAreCompleted() {
        KeyCompleter completer = new KeyCompleter();
        completer.subject = Screen::ada;
        completer.commands = new FakeHost().on(ListKeys.class, command -> List.of(CI, CLI));
        List<String> candidates = new ArrayList<>();

        completer.complete(null, new ArgumentCommandLine("key_cl", 6), candidates);

        assertThat(candidates).containsExactly("key_cli ");
    }
}
