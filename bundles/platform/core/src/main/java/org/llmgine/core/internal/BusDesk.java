package org.llmgine.core.internal;

import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.api.bus.Timers;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.PurgeDeadLetter;

/** Answers what operators ask about the bus: its dead letters and its timers. */
record BusDesk(DeadLetters letters, Timers timers) {
    DeadLetterPage list(ListDeadLetters command) {
        return new DeadLetterPage(letters.list(command.type(), command.after(), command.limit()), letters.count());
    }

    DeadLetter purge(PurgeDeadLetter command) {
        DeadLetter letter = letters.get(command.letter());
        letters.purge(letter.id());
        return letter;
    }

    TimerEntry find(GetTimer command) {
        return timers.find(command.timer()).orElseThrow(() -> unknown(command.timer()));
    }

    TimerEntry cancel(CancelTimer command) {
        TimerEntry timer = find(new GetTimer(command.principal(), command.timer()));
        if (!timers.cancel(timer.id())) {
            throw unknown(command.timer());
        }
        return timer;
    }

    private static LlmgineException unknown(String timer) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "There is no timer '" + timer + "'.");
    }
}
