package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.llmgine.api.Principal;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionHistory;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;

/** Does with sessions what one person does. */
final class Talker {
    final Principal principal;
    private final Sessions sessions;

    Talker(TestHost host, String name, String role) {
        principal = new Principal(name, Set.of(role));
        sessions = host.sessions;
    }

    Session create() {
        return create(SessionDraft.EMPTY);
    }

    Session create(SessionDraft draft) {
        return sessions.create(new CreateSession(principal, draft, Optional.empty()));
    }

    Session change(String session, SessionDraft draft) {
        return sessions.change(new ChangeSession(principal, session, draft, Optional.empty()));
    }

    Session moveTo(String session, String message) {
        return sessions.change(new ChangeSession(principal, session, SessionDraft.EMPTY, Optional.of(message)));
    }

    HistoryEntry edit(String session, String message, String text) {
        return sessions.edit(new EditMessage(principal, session, message, text));
    }

    Session delete(String session) {
        return sessions.delete(new DeleteSession(principal, session));
    }

    SessionTurn start(String session, String prompt) {
        return start(session, new TurnDraft(List.of(new TextPart(prompt)), Optional.empty()));
    }

    SessionTurn startInPlace(String session, String prompt, String replaced) {
        return start(session, new TurnDraft(List.of(new TextPart(prompt)), Optional.of(replaced)));
    }

    SessionTurn again(String session, String replaced) {
        return start(session, new TurnDraft(List.of(), Optional.of(replaced)));
    }

    SessionTurn start(String session, TurnDraft draft) {
        return sessions.start(new StartTurn(principal, session, draft));
    }

    /** Ask, and wait for the end. */
    SessionTurn ask(String session, String prompt) {
        return end(start(session, prompt));
    }

    /** Return the texts of the messages that a turn has added. */
    List<String> messages(SessionTurn turn) {
        return sessions.messages(new GetTurnMessages(principal, turn.session(), turn.id())).stream()
                .map(entry -> entry.message().text())
                .toList();
    }

    TurnReader follow(SessionTurn turn, long after) {
        return sessions.follow(new FollowTurn(principal, turn.session(), turn.id(), after));
    }

    /** Read a turn to its end. */
    List<TurnEvent> read(SessionTurn turn) {
        List<TurnEvent> read = new ArrayList<>();
        try (TurnReader reader = follow(turn, 0)) {
            TurnEvent event;
            while ((event = reader.next()) != null) {
                read.add(event);
            }
        }
        return read;
    }

    /** Read a turn to its end, and return how it ended. */
    SessionTurn end(SessionTurn turn) {
        return ((TurnEnded) read(turn).getLast().event()).turn();
    }

    static String text(List<TurnEvent> events) {
        return events.stream()
                .map(TurnEvent::event)
                .filter(TextDelta.class::isInstance)
                .map(event -> ((TextDelta) event).text())
                .collect(Collectors.joining());
    }

    static List<StreamEvent> events(List<TurnEvent> events) {
        return events.stream().map(TurnEvent::event).toList();
    }

    SessionTurn cancel(SessionTurn turn) {
        return sessions.cancel(new CancelTurn(principal, turn.session(), turn.id()));
    }

    SessionTurn get(SessionTurn turn) {
        return sessions.turn(new GetTurn(principal, turn.session(), turn.id()));
    }

    SessionHistory get(String session) {
        return sessions.get(new GetSession(principal, session));
    }

    List<HistoryEntry> history(String session) {
        return get(session).messages();
    }

    List<Message> messages(String session) {
        return history(session).stream().map(HistoryEntry::message).toList();
    }

    List<String> texts(String session) {
        return messages(session).stream().map(Message::text).toList();
    }
}
