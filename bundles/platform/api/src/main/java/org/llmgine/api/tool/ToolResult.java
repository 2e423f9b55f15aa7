package org.llmgine.api.tool;

import java.util.List;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.TextPart;

/**
 * Hold what a tool call gave. An error is a result too: the model reads it and may try again.
 *
 * @param content what the model is shown
 * @param isError whether the call failed
 */
public record ToolResult(List<ContentPart> content, boolean isError) {
    /** Copy the content. */
    public ToolResult {
        content = List.copyOf(content);
    }

    /** Make a result of text. */
    public static ToolResult text(String text) {
        return new ToolResult(List.of(new TextPart(text)), false);
    }

    /** Make an error of one sentence that tells the model what to do otherwise. */
    public static ToolResult error(String text) {
        return new ToolResult(List.of(new TextPart(text)), true);
    }
}
