package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.arbitraries.StringArbitrary;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.spi.SessionStore.Entry;

final class BodiesTest {
    private final Bodies bodies = new Bodies();

    @Property(tries = 300)
    void aMessageComesBackAsItWas(@ForAll("entries") Entry entry) {
        String body = bodies.of(entry);

        assertThat(bodies.entry(body)).isEqualTo(entry);
        assertThat(new String(body.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .as("is Unicode text without NUL")
                .isEqualTo(body)
                .doesNotContain("\u0000");
    }

    @Property(tries = 200)
    void aSessionComesBackAsItWas(@ForAll("sessions") Session session) {
        assertThat(bodies.session(bodies.of(session))).isEqualTo(session);
    }

    @Property(tries = 200)
    void aTurnComesBackAsItWas(@ForAll("turns") SessionTurn turn) {
        assertThat(bodies.turn(bodies.of(turn))).isEqualTo(turn);
    }

    @Property(tries = 200)
    void anApprovalComesBackAsItWas(@ForAll("approvals") Approval approval) {
        assertThat(bodies.approval(bodies.of(approval))).isEqualTo(approval);
    }

    @Provide
    Arbitrary<Approval> approvals() {
        return Combinators.combine(
                        text().list().ofSize(8),
                        Arbitraries.longs(),
                        text().set().ofMaxSize(3),
                        instant(),
                        instant(),
                        text().optional(),
                        instant().optional())
                .as((texts, event, roles, created, expires, by, decided) -> new Approval(
                        texts.get(0),
                        texts.get(1),
                        texts.get(2),
                        event,
                        new ToolCall(texts.get(3), texts.get(4), texts.get(5)),
                        new Principal(texts.get(6), roles),
                        created,
                        expires,
                        Approval.PENDING,
                        by,
                        texts.get(7),
                        decided));
    }

    /** Any chars, halves of surrogate pairs among them. */
    private static StringArbitrary text() {
        return Arbitraries.strings().all().ofMaxLength(20);
    }

    private static Arbitrary<Instant> instant() {
        return Combinators.combine(
                        Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                        Arbitraries.longs().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
    }

    private static Arbitrary<Object> json() {
        Arbitrary<Object> plain = Arbitraries.oneOf(
                text().map(value -> (Object) value),
                Arbitraries.integers().map(value -> (Object) value),
                Arbitraries.longs().greaterOrEqual(1L << 40).map(value -> (Object) value),
                Arbitraries.bigIntegers()
                        .greaterOrEqual(BigInteger.TWO.pow(70))
                        .lessOrEqual(BigInteger.TWO.pow(200))
                        .map(value -> (Object) value),
                Arbitraries.doubles().map(value -> (Object) value),
                Arbitraries.of(Double.NaN, Double.NEGATIVE_INFINITY, true, false));
        Arbitrary<Object> list = plain.list().ofMaxSize(3).map(value -> (Object) value);
        return Arbitraries.oneOf(
                plain, list, map(Arbitraries.oneOf(plain, list)).map(value -> (Object) value));
    }

    private static Arbitrary<Map<String, Object>> map(Arbitrary<Object> values) {
        return Arbitraries.maps(text().filter(BodiesTest::isUnicode), values).ofMaxSize(4);
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static Arbitrary<Message> message() {
        Arbitrary<ContentPart> part = Arbitraries.oneOf(
                text().map(TextPart::new),
                Combinators.combine(text(), text()).as(ImagePart::new),
                Combinators.combine(text(), text()).as(FilePart::new));
        Arbitrary<ToolCall> call = Combinators.combine(text(), text(), text()).as(ToolCall::new);
        return Combinators.combine(
                        text().map(Role::new),
                        part.list().ofMaxSize(4),
                        call.list().ofMaxSize(3),
                        text().optional(),
                        map(json()))
                .as(Message::new);
    }

    @Provide
    Arbitrary<Entry> entries() {
        return Combinators.combine(text(), text().optional(), text().optional(), instant(), message())
                .as(Entry::new);
    }

    @Provide
    Arbitrary<Session> sessions() {
        Arbitrary<SessionSettings> settings = Combinators.combine(
                        Arbitraries.integers().optional(),
                        Arbitraries.doubles().optional(),
                        Arbitraries.longs().optional(),
                        text().list().ofMaxSize(3),
                        text().optional(),
                        text(),
                        Arbitraries.longs().optional(),
                        map(json()))
                .as((tokens, share, seed, stop, effort, busy, grace, extensions) -> new SessionSettings(
                        tokens.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        share.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                        share.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                        seed.map(OptionalLong::of).orElse(OptionalLong.empty()),
                        stop,
                        effort,
                        busy,
                        grace.map(Duration::ofMillis),
                        Map.of("clock", busy),
                        extensions));
        return Combinators.combine(
                        text().list().ofSize(6),
                        text().list().ofMaxSize(3).optional(),
                        settings,
                        text().optional(),
                        instant(),
                        instant())
                .as((texts, tools, options, head, created, updated) -> new Session(
                        texts.get(0),
                        texts.get(1),
                        texts.get(2),
                        texts.get(3),
                        texts.get(4),
                        texts.get(5),
                        tools,
                        options,
                        head,
                        created,
                        updated,
                        Optional.empty()));
    }

    @Provide
    Arbitrary<SessionTurn> turns() {
        Arbitrary<Usage> usage = Arbitraries.longs()
                .list()
                .ofSize(4)
                .map(counts -> new Usage(counts.get(0), counts.get(1), counts.get(2), counts.get(3)));
        Arbitrary<TurnFailure> failure = Combinators.combine(
                        Combinators.combine(text(), Arbitraries.of(true, false)).as(ErrorCode::new),
                        text(),
                        text().optional(),
                        text().optional())
                .as(TurnFailure::new);
        return Combinators.combine(
                        text().list().ofSize(7), instant(), instant().optional(), usage.optional(), failure.optional())
                .as((texts, created, ended, used, failed) -> new SessionTurn(
                        texts.get(0),
                        texts.get(1),
                        texts.get(2),
                        texts.get(3),
                        texts.get(4),
                        texts.get(5),
                        created,
                        ended,
                        texts.get(6),
                        used,
                        failed));
    }

    @Test
    void anExtensionMayHoldANull() {
        Map<String, Object> extensions = new LinkedHashMap<>(Collections.singletonMap("none", null));
        extensions.put("list", Collections.singletonList(null));
        Entry entry = entry(extensions);

        assertThat(bodies.entry(bodies.of(entry))).isEqualTo(entry);
    }

    @Test
    void anExtensionThatIsNoJsonIsRefused() {
        for (Object odd : List.of(Set.of(1), new byte[0], Instant.EPOCH)) {
            assertThatThrownBy(() -> bodies.of(entry(Map.of("odd", odd))))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FIELD))
                    .hasMessageContaining("it is no JSON value");
        }
    }

    @Test
    void aNameWithHalfOfASurrogatePairIsRefused() {
        assertThatThrownBy(() -> bodies.of(entry(Map.of("\ud83d", 1))))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FIELD));
    }

    @Test
    void numbersOfOtherTypesBecomeThoseOfJson() {
        Entry read = bodies.entry(bodies.of(entry(Map.of("s", (short) 1, "b", (byte) 2, "f", 1.5f))));

        assertThat(read.message().extensions()).isEqualTo(Map.of("s", 1, "b", 2, "f", 1.5));
    }

    @Test
    void whatALaterHostWroteIsNotMisread() {
        String body = bodies.of(entry(Map.of()));
        for (String later : List.of(
                body.replace("\"v\":1", "\"v\":2"),
                body.replace("\"kind\":\"message\"", "\"kind\":\"letter\""),
                body.replace("\"type\":\"text\"", "\"type\":\"hologram\""),
                body.replace("\"role\"", "\"rule\""),
                "{")) {
            assertThatThrownBy(() -> bodies.entry(later))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                    .hasMessage("The store holds a message that this version of the host can't read.");
        }
    }

    private static Entry entry(Map<String, Object> extensions) {
        Message message =
                new Message(Role.USER, List.of(new TextPart("Hello")), List.of(), Optional.empty(), extensions);
        return new Entry("msg_1", Optional.empty(), Optional.empty(), Samples.THEN, message);
    }
}
