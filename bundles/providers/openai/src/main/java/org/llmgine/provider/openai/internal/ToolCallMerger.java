package org.llmgine.provider.openai.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.stream.ToolCallDelta;

/**
 * Finds out to which call each piece belongs. Back-ends leave out indexes or ids, give all calls of an answer one index, repeat
 * names, or send whole calls at once.
 */
final class ToolCallMerger {
    /** Far more than any model asks for at once; without a bound, finding each piece's call would take ever longer. */
    private static final int MAX_CALLS = 1_024;

    private final List<Call> calls = new ArrayList<>();

    private static final class Call {
        private final int position;
        private final long index;
        private final String theirId;
        private final String id;
        private String name = "";
        private boolean told;
        private final StringBuilder held = new StringBuilder();

        Call(int position, long index, String theirId) {
            this.position = position;
            this.index = index;
            this.theirId = theirId;
            this.id = theirId.isEmpty() ? "call_" + UUID.randomUUID().toString().replace("-", "") : theirId;
        }
    }

    /** Tell whether the answer calls no tool. */
    boolean isEmpty() {
        return calls.isEmpty();
    }

    /**
     * Take a piece.
     *
     * @param index the back-end's index; −1 when it gave none
     * @param id the back-end's id, possibly empty
     * @return what to pass on; null while the tool isn't named yet, or when the piece says nothing new
     * @throws LlmgineException {@code limit_reached} when the answer has too many calls
     */
    @Nullable ToolCallDelta add(long index, String id, String name, String arguments) {
        Call call = find(index, id, name);
        if (call == null) {
            if (id.isEmpty() && name.isEmpty() && arguments.isEmpty()) {
                return null;
            }
            if (calls.size() == MAX_CALLS) {
                throw new LlmgineException(
                        ErrorCode.LIMIT_REACHED, "The back-end's answer has more than " + MAX_CALLS + " tool calls.");
            }
            call = new Call(calls.size(), index, id);
            calls.add(call);
        }
        if (call.name.isEmpty()) {
            call.name = name;
        }
        if (call.told) {
            return arguments.isEmpty() ? null : new ToolCallDelta(call.position, "", "", arguments);
        }
        call.held.append(arguments);
        if (call.name.isEmpty()) {
            return null;
        }
        call.told = true;
        return new ToolCallDelta(call.position, call.id, call.name, call.held.toString());
    }

    /** Tell whether a call never got its name. */
    boolean hasNameless() {
        return calls.stream().anyMatch(call -> !call.told);
    }

    private @Nullable Call find(long index, String id, String name) {
        if (index < 0 && id.isEmpty()) {
            Call last = calls.isEmpty() ? null : calls.getLast();
            return last != null && (name.isEmpty() || last.name.isEmpty()) ? last : null;
        }
        for (int i = calls.size() - 1; i >= 0; i--) {
            Call call = calls.get(i);
            if (index < 0 ? call.theirId.equals(id) : call.index == index) {
                boolean another =
                        !id.isEmpty() && !call.theirId.isEmpty() && !id.equals(call.theirId) && !name.isEmpty();
                return another ? null : call;
            }
        }
        return null;
    }
}
