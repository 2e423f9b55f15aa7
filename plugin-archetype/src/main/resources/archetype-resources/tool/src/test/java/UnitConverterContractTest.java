package ${package};

import java.util.Map;
import org.llmgine.api.tool.Tool;
import org.llmgine.testkit.ToolContract;

/** What every tool has to do. */
class UnitConverterContractTest extends ToolContract<UnitConverter.Arguments> {
    @Override
    protected Tool<UnitConverter.Arguments> newTool() {
        return UnitConverterTest.converter(Map.of());
    }

    @Override
    protected UnitConverter.Arguments validArguments() {
        return new UnitConverter.Arguments(3, "mi", "km");
    }

    @Override
    protected Map<UnitConverter.Arguments, String> invalidArguments() {
        return Map.of(new UnitConverter.Arguments(3, "mile5", "km"), "mile5");
    }
}
