package org.llmgine.example.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class AssistantTest {
    record Item(String name) {}

    static final class StockTool implements Tool<Item> {
        @Override
        public ToolDefinition<Item> definition() {
            return ToolDefinition.of("stock", "Tell how many of an item are there.", Item.class);
        }

        @Override
        public ToolResult call(Item item, ToolContext context) {
            return ToolResult.text("3 " + item.name());
        }
    }

    @Test
    void asksTheModelAndTheTool() {
        ScriptedProvider model = new ScriptedProvider()
                .answer(ScriptedStream.calls(new ToolCall("1", "stock", "{\"name\":\"tea\"}")))
                .answer(ScriptedStream.text("There are three."));
        try (Assistant assistant = new Assistant(model, new StockTool())) {
            assertThat(assistant.answer("How much tea is there?")).isEqualTo("There are three.");
        }

        assertThat(model.requests().getLast().messages().getLast().text()).isEqualTo("3 tea");
    }
}
