package ${package};

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A unit: one of it is {@code factor} of the quantity's base unit, counted from {@code zero}.
 *
 * @param symbol how it is written
 * @param quantity what it measures
 * @param factor how many base units it is
 * @param zero where its zero lies, in base units
 */
record Unit(String symbol, String quantity, double factor, double zero) {
    /** All units by their symbols. */
    static final Map<String, Unit> ALL = all(
            length("m", 1), length("mm", 0.001), length("cm", 0.01), length("km", 1000),
            length("in", 0.0254), length("ft", 0.3048), length("yd", 0.9144), length("mi", 1609.344),
            mass("kg", 1), mass("g", 0.001), mass("t", 1000), mass("oz", 0.028349523125), mass("lb", 0.45359237),
            volume("l", 1), volume("ml", 0.001), volume("m3", 1000), volume("gal", 3.785411784), volume("pt", 0.473176473),
            time("s", 1), time("min", 60), time("h", 3600), time("d", 86_400),
            speed("m/s", 1), speed("km/h", 1 / 3.6), speed("mph", 0.44704), speed("kn", 1852 / 3600.0),
            data("B", 1), data("kB", 1e3), data("MB", 1e6), data("GB", 1e9), data("KiB", 1024), data("MiB", 1 << 20),
            data("GiB", 1 << 30),
            temperature("K", 1, 0), temperature("C", 1, 273.15), temperature("F", 5 / 9.0, 273.15 - 32 * 5 / 9.0));

    double toBase(double value) {
        return value * factor + zero;
    }

    double fromBase(double base) {
        return (base - zero) / factor;
    }

    private static Map<String, Unit> all(Unit... units) {
        Map<String, Unit> all = new LinkedHashMap<>();
        for (Unit unit : units) {
            all.put(unit.symbol(), unit);
        }
        return Collections.unmodifiableMap(all);
    }

    private static Unit length(String symbol, double meters) {
        return new Unit(symbol, "length", meters, 0);
    }

    private static Unit mass(String symbol, double kilograms) {
        return new Unit(symbol, "mass", kilograms, 0);
    }

    private static Unit volume(String symbol, double litres) {
        return new Unit(symbol, "volume", litres, 0);
    }

    private static Unit time(String symbol, double seconds) {
        return new Unit(symbol, "time", seconds, 0);
    }

    private static Unit speed(String symbol, double metersPerSecond) {
        return new Unit(symbol, "speed", metersPerSecond, 0);
    }

    private static Unit data(String symbol, double bytes) {
        return new Unit(symbol, "amount of data", bytes, 0);
    }

    private static Unit temperature(String symbol, double kelvins, double zero) {
        return new Unit(symbol, "temperature", kelvins, zero);
    }
}
