package org.llmgine.example.greeter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.FakeToolContext;

class GreeterToolTest {
    private final GreeterTool tool = new GreeterTool();

    @Test
    void greets() {
        assertThat(tool.call(new GreeterTool.Arguments("Ada"), new FakeToolContext()))
                .isEqualTo(ToolResult.text("Hello, Ada!"));
    }

    @Test
    void describesItself() {
        assertThat(tool.definition().name()).isEqualTo("greet");
    }
}
