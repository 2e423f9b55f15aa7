package org.llmgine.tool.clock.internal;

import java.util.Map;
import java.util.Optional;
import org.llmgine.api.tool.Tool;
import org.llmgine.testkit.ToolContract;

class ClockToolContractTest extends ToolContract<ClockTool.Arguments> {
    @Override
    protected Tool<ClockTool.Arguments> newTool() {
        return new ClockTool();
    }

    @Override
    protected ClockTool.Arguments validArguments() {
        return new ClockTool.Arguments(Optional.of("Europe/Paris"));
    }

    @Override
    protected Map<ClockTool.Arguments, String> invalidArguments() {
        return Map.of(
                new ClockTool.Arguments(Optional.of("Europe/Pariss")), "Europe/Pariss",
                new ClockTool.Arguments(Optional.of("+99:00")), "+99:00");
    }
}
