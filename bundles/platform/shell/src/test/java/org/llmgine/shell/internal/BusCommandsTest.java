package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.llmgine.bus.StoredMessage;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.core.command.GetDeadLetter;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.ListTimers;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;

class BusCommandsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final Principal ANN = new Principal("ann", Set.of());
    private static final DeadLetter LETTER = new DeadLetter(
            "dead_1",
            new StoredMessage(
                    StoredMessage.EVENT,
                    "shop/order/placed",
                    2,
                    "org.example.shop",
                    "org.example.shop.Placed",
                    "{\"what\":\"tea\"}",
                    "",
                    ANN,
                    Map.of(),
                    "k1",
                    Optional.empty()),
            "stock",
            3,
            "unavailable",
            "The shelf is empty.",
            TIME,
            TIME);
    private static final TimerEntry NIGHT = timer("timer_1", "night");

    private final Screen screen = new Screen();
    private final List<Object> asked = new ArrayList<>();
    private boolean succeeds = true;
    private final FakeHost host = new FakeHost()
            .on(ListDeadLetters.class, command -> new DeadLetterPage(List.of(LETTER, LETTER), 2))
            .on(GetDeadLetter.class, command -> LETTER)
            .on(RetryDeadLetter.class, command -> retried(command.letter()))
            .on(
                    RetryDeadLetters.class,
                    command ->
                            command.type().equals("none") ? List.of() : List.of(retried("dead_1"), retried("dead_2")))
            .on(PurgeDeadLetter.class, command -> LETTER)
            .on(PurgeDeadLetters.class, command -> command.type().isEmpty() ? 2 : 1)
            .on(ListTimers.class, command -> List.of(NIGHT, timer("timer_2", "")))
            .on(GetTimer.class, command -> NIGHT)
            .on(CancelTimer.class, command -> NIGHT)
            .on(ListAudit.class, command -> {
                asked.add(command);
                return List.of(new AuditEntry(
                        "a1", TIME, "ann", Set.of("admin"), "CreateKey", "k1", AuditEntry.OK, "", "", "http"));
            });

    private static TimerEntry timer(String id, String name) {
        return new TimerEntry(
                id,
                name,
                "org.example.shop",
                "command",
                "shop/stock/count",
                "",
                ANN,
                "every PT1H",
                TIME,
                1,
                Optional.of(TIME),
                "The shelf is empty.",
                TimerEntry.State.PARKED,
                "Nobody handles it.",
                id);
    }

    private DeadLetters.Retried retried(String id) {
        return new DeadLetters.Retried(id, succeeds, succeeds ? "" : "Still empty.");
    }

    @Test
    void deadLettersAreATable() throws Exception {
        screen.show(new DeadLettersCommand(), host).execute();

        assertThat(screen.text().lines())
                .contains("dead_1 | shop/order/placed |     3 | 2026-11-22T10:00:00Z | The shelf is empty.");
    }

    @Test
    void aDeadLetterIsShownWithItsContent() throws Exception {
        DeadLetterShowCommand command = screen.show(new DeadLetterShowCommand(), host);
        command.id = "dead_1";

        command.execute();

        assertThat(screen.text().lines())
                .containsExactly(
                        "Type     event shop/order/placed, version 2",
                        "Bundle   org.example.shop",
                        "Listener stock",
                        "From     ann",
                        "Tried    3x, last at 2026-11-22T10:00:00.123Z",
                        "Error    unavailable: The shelf is empty.",
                        "Content  {\"what\":\"tea\"}");
    }

    @Test
    void deadLettersAreRetried() throws Exception {
        DeadLetterRetryCommand command = screen.show(new DeadLetterRetryCommand(), host);
        command.id = "dead_7";
        command.execute();
        command.id = "";
        command.all = true;
        succeeds = false;
        command.execute();
        command.all = false;
        command.type = "none";
        command.execute();

        assertThat(screen.text().lines())
                .containsExactly(
                        "dead_7 succeeded.",
                        "dead_1 failed: Still empty.",
                        "dead_2 failed: Still empty.",
                        "There are no such dead letters.");
    }

    @Test
    void deadLettersArePurged() throws Exception {
        DeadLetterPurgeCommand command = screen.show(new DeadLetterPurgeCommand(), host);
        command.id = "dead_1";
        command.execute();
        command.id = "";
        command.type = "shop/order/placed";
        command.execute();
        command.type = "";
        command.all = true;
        command.execute();

        assertThat(screen.text().lines())
                .containsExactly("Purged dead_1, shop/order/placed.", "Purged 1 message.", "Purged 2 messages.");
    }

    @Test
    void whichLettersIsSaidInOneWay() {
        DeadLetterPurgeCommand purge = screen.show(new DeadLetterPurgeCommand(), host);
        DeadLetterRetryCommand retry = screen.show(new DeadLetterRetryCommand(), host);
        retry.id = "dead_1";
        retry.all = true;

        for (HostCommand command : List.of(purge, retry)) {
            assertThatExceptionOfType(CommandException.class)
                    .isThrownBy(command::execute)
                    .withMessage("Which messages?");
        }
    }

    @Test
    void timersAreATableAreShownAndCancelled() throws Exception {
        screen.show(new TimersCommand(), host).execute();
        TimerShowCommand show = screen.show(new TimerShowCommand(), host);
        show.timer = "night";
        show.execute();
        TimerCancelCommand cancel = screen.show(new TimerCancelCommand(), host);
        cancel.timer = "night";
        cancel.execute();

        assertThat(screen.text().lines())
                .contains(
                        "night   | shop/stock/count | 2026-11-22T10:00:00Z | parked | every PT1H",
                        "timer_2 | shop/stock/count | 2026-11-22T10:00:00Z | parked | every PT1H",
                        "Sends    command shop/stock/count",
                        "Made by  org.example.shop",
                        "State    parked",
                        "Reason   Nobody handles it.",
                        "Next     2026-11-22T10:00:00.123Z, tried 1x",
                        "Error    The shelf is empty.")
                .last()
                .isEqualTo("Cancelled night, shop/stock/count.");
    }

    @Test
    void theAuditIsATable() throws Exception {
        AuditCommand command = screen.show(new AuditCommand(), host);
        command.who = "ann";
        command.action = "CreateKey";
        command.limit = 0;

        command.execute();

        assertThat(screen.text().lines()).contains("2026-11-22T10:00:00Z | ann | CreateKey | k1     | ok      | http");
        assertThat(asked.getFirst())
                .isInstanceOfSatisfying(
                        ListAudit.class,
                        list -> assertThat(list)
                                .returns("ann", ListAudit::filterPrincipal)
                                .returns("CreateKey", ListAudit::action)
                                .returns(1, ListAudit::limit));
    }

    @Test
    void eventsAreShownUntilTheThreadIsInterrupted() throws Exception {
        EventsCommand command = screen.show(new EventsCommand(), host.on(FollowEvents.class, follow -> {
            asked.add(follow.selection());
            return reader(
                    ErrorCode.CANCELLED, told("{\"what\":\"tea\"}", ""), new ShownEvent.Lost(1), told("", "Odd."));
        }));
        command.topics = List.of("shop/*");
        command.session = "s1";
        command.who = "ann";

        command.execute();

        assertThat(asked).containsExactly(new EventSelection(List.of("shop/*"), "s1", "ann"));
        assertThat(screen.text().lines())
                .containsExactly(
                        "2026-11-22T10:00:00.123Z shop/placed ann s1",
                        "    {\"what\":\"tea\"}",
                        "1 event lost.",
                        "2026-11-22T10:00:00.123Z shop/placed ann s1",
                        "    Odd.");
    }

    @Test
    void aFailureOfTheStreamIsSaidAndAClosedOutputEndsIt() throws Exception {
        EventsCommand command = screen.show(
                new EventsCommand(),
                host.on(FollowEvents.class, follow -> reader(ErrorCode.UNAVAILABLE, told("{}", ""))));
        assertThatExceptionOfType(CommandException.class).isThrownBy(command::execute);

        command.out = new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public boolean checkError() {
                return true;
            }
        };
        command.execute();
    }

    private static ShownEvent told(String payload, String problem) {
        return new ShownEvent.Told(
                "msg_1", "shop/placed", 1, "s1", "ann", TIME, "org.example.shop", Optional.empty(), payload, problem);
    }

    /** Gives some events and then fails. */
    private static EventReader reader(ErrorCode end, ShownEvent... events) {
        Iterator<ShownEvent> rest = List.of(events).iterator();
        return new EventReader() {
            @Override
            public ShownEvent next() {
                if (!rest.hasNext()) {
                    throw new LlmgineException(end, "It ends.");
                }
                return rest.next();
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void lettersTypesAndTimersAreCompleted() {
        assertThat(completed(new DeadLetterCompleter())).containsOnly("dead_1 ");
        assertThat(completed(new DeadTypeCompleter())).containsExactly("shop/order/placed ");
        assertThat(completed(new TimerCompleter())).containsExactly("night ", "timer_2 ");
    }

    @SuppressWarnings("NullAway") // no session is needed
    private List<String> completed(HostCompleter completer) {
        completer.subject = Screen::ada;
        completer.commands = host;
        List<String> candidates = new ArrayList<>();
        completer.complete(null, new ArgumentCommandLine("", 0), candidates);
        return candidates;
    }
}
