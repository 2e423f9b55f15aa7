package org.llmgine.cli;

import org.jspecify.annotations.Nullable;

/**
 * Holds one event of a turn.
 *
 * @param name {@code status}, {@code delta}, {@code reasoning}, {@code tool_call}, {@code tool_result}, {@code usage},
 *     {@code approval_required}, {@code approval_decided}, {@code suspended}, {@code done}, {@code error}, or a kind that came later
 * @param data the JSON object
 */
record TurnEvent(String name, Object data) {
    String text(Object... path) {
        return Json.text(data, path);
    }

    /** Whether it is a turn's last one. */
    boolean last() {
        return name.equals("done") || name.equals("error");
    }

    @Nullable Object turn() {
        return Json.at(data, "turn");
    }
}
