package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.llmgine.api.Principal;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class SessionsTest {
    private static final Principal ANN = new Principal("ann", Set.of(Principal.USER));
    private final TestHost host = new TestHost();
    private final ScriptedProvider provider = new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS)));

    @Test
    void smoke() {
        host.add("fake", provider);
        host.add("tool-chat", new TestPlugins.RelayEngine());
        provider.answer(ScriptedStream.text("Good day"));
        Session session = host.sessions.create(new CreateSession(ANN, SessionDraft.EMPTY, Optional.empty()));
        SessionTurn turn = host.sessions.start(
                new StartTurn(ANN, session.id(), new TurnDraft(List.of(new TextPart("Hi")), Optional.empty())));
        try (TurnReader reader = host.sessions.follow(new FollowTurn(ANN, session.id(), turn.id(), 0))) {
            TurnEvent event;
            while ((event = reader.next()) != null) {
                assertThat(event.seq()).isPositive();
            }
        }
        assertThat(turn.isOver()).isFalse();
    }
}
