package ${package};

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/** Converts between units, which models are bad at. */
@Component(configurationPid = UnitConverter.PID)
@Designate(ocd = UnitConverterSettings.class)
@LlmginePlugin(
        id = "${artifactId}",
        kind = LlmginePlugin.TOOL,
        name = "Unit converter",
        description = "Converts lengths, masses, volumes, times, speeds, amounts of data and temperatures.",
        pids = UnitConverter.PID)
public final class UnitConverter implements Tool<UnitConverter.Arguments> {
    static final String PID = "${package}";

    /** What the model gives; the host derives the JSON Schema from it and checks against it. */
    public record Arguments(
            @Description("The number to convert.") double value,
            @Description("Its unit, for example km, mi, kg, lb, l, gal, h, km/h, GB, C or F.") String from,
            @Description("The unit that is wanted, of the same quantity.") String to) {}

    private final MathContext precision;

    @Activate
    public UnitConverter(UnitConverterSettings settings) {
        precision = new MathContext(settings.significantDigits());
    }

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of(
                "${artifactId}",
                "Convert a number from one unit to another: lengths, masses, volumes, times, speeds, amounts of data and"
                        + " temperatures. Use it in place of converting by yourself.",
                Arguments.class);
    }

    /** Convert. An error is a sentence for the model, which may then try again. */
    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        Unit from = Unit.ALL.get(arguments.from().strip());
        Unit to = Unit.ALL.get(arguments.to().strip());
        if (from == null || to == null) {
            return ToolResult.error("There is no unit '" + (from == null ? arguments.from() : arguments.to())
                    + "'. There are: " + String.join(", ", Unit.ALL.keySet()) + ".");
        }
        if (!from.quantity().equals(to.quantity())) {
            return ToolResult.error("'" + from.symbol() + "' is a " + from.quantity() + " and '" + to.symbol()
                    + "' a " + to.quantity() + ": nothing converts one into the other.");
        }
        double converted = to.fromBase(from.toBase(arguments.value()));
        if (!Double.isFinite(converted)) {
            return ToolResult.error("The result is too large.");
        }
        return ToolResult.text(String.format(
                Locale.ROOT,
                "%s %s = %s %s",
                plain(new BigDecimal(Double.toString(arguments.value()))),
                from.symbol(),
                plain(new BigDecimal(converted).round(precision)),
                to.symbol()));
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
