package org.llmgine.core.internal;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Tells what the settings of one PID may be, as the bundle's metatype resource has it.
 *
 * <p>The resource is read here because the Metatype Service keeps the bounds to itself, and a message has to name them.
 *
 * @param name the form's name for people
 * @param description what is set by it
 * @param fields the settings
 */
record SettingsForm(String name, String description, List<Field> fields) {
    private static final String RESOURCES = "OSGI-INF/metatype";
    private static final Pattern BETWEEN_VALUES = Pattern.compile("(?<!\\\\),");
    private static final Map<String, BigDecimal[]> WHOLE = Map.of(
            "Byte", bounds(Byte.MIN_VALUE, Byte.MAX_VALUE),
            "Short", bounds(Short.MIN_VALUE, Short.MAX_VALUE),
            "Integer", bounds(Integer.MIN_VALUE, Integer.MAX_VALUE),
            "Long", bounds(Long.MIN_VALUE, Long.MAX_VALUE));

    /**
     * Says whose form it is.
     *
     * @param pid the PID, or the factory's
     * @param factory whether there may be several configurations
     */
    record Designated(String pid, boolean factory, SettingsForm form) {}

    /**
     * Describes one setting.
     *
     * @param name its name for people
     * @param preset the default, as files have values
     * @param min the least number, or the least length of a text; empty for none
     * @param max the greatest number or length; empty for none
     * @param cardinality 0 for one value, else the greatest number of values, or its negative
     */
    record Field(
            String id,
            String name,
            String description,
            String type,
            boolean required,
            Optional<String> preset,
            int cardinality,
            Optional<BigDecimal> min,
            Optional<BigDecimal> max,
            List<String> options) {
        /** Say what is wrong with a value, without the value; nothing when it is good. */
        Optional<String> problem(@Nullable Object value) {
            List<Object> values = values(value);
            if (values.isEmpty()) {
                return isNeeded() ? Optional.of(id + " is missing; it must be " + allowed() + ".") : Optional.empty();
            }
            boolean tooMany = values.size() > Math.max(1, Math.abs((long) cardinality));
            boolean good = !tooMany && values.stream().allMatch(single -> fits(single.toString()));
            return good ? Optional.empty() : Optional.of(id + " must be " + allowed() + ".");
        }

        /**
         * Take a text apart for a setting of several values, as files and the shell have them: separated by commas, of which a
         * backslash before it makes one that belongs to the value.
         */
        Object parted(Object value) {
            return cardinality != 0 && value instanceof String text
                    ? BETWEEN_VALUES
                            .splitAsStream(text)
                            .map(part -> part.replace("\\,", ",").strip())
                            .filter(part -> !part.isEmpty())
                            .toArray(String[]::new)
                    : value;
        }

        /** Tell whether there must be a value. */
        boolean isNeeded() {
            return required && preset.isEmpty();
        }

        boolean isSecret() {
            return type.equals("Password");
        }

        boolean isWhole() {
            return WHOLE.containsKey(type);
        }

        boolean isNumber() {
            return isWhole() || type.equals("Double") || type.equals("Float");
        }

        boolean isBoolean() {
            return type.equals("Boolean");
        }

        /** Tell whether a good value is empty where only a text may be. */
        boolean isEmptyForm(Object value) {
            return !isText() && isUnset(value);
        }

        /** Return the default, unless the description contradicts itself. */
        Optional<Object> goodPreset() {
            return preset.filter(text -> problem(parted(text)).isEmpty() && (cardinality != 0 || !isEmptyForm(text)))
                    .map(this::typed);
        }

        /** Return a good value in its type: a text, a {@code Long}, a {@code Double}, a boolean, or a list of these. */
        Object typed(Object value) {
            Object parted = parted(value);
            if (cardinality != 0) {
                return values(parted).stream().map(this::one).toList();
            }
            return one(parted);
        }

        /** Return one good value in its type. */
        Object one(Object value) {
            String text = value.toString();
            return switch (type) {
                case "String", "Password", "Character" -> text;
                case "Boolean" -> Boolean.valueOf(text.strip());
                case "Double", "Float" -> Double.valueOf(text.strip());
                default -> new BigDecimal(text.strip()).longValueExact();
            };
        }

        /** Tell whether a value that came as JSON has the right type; texts stand for numbers and lists, as in files. */
        boolean isOfType(Object value) {
            return switch (value) {
                case Collection<?> list ->
                    cardinality != 0 && list.stream().allMatch(item -> item != null && isOfSingleType(item));
                default -> isOfSingleType(value);
            };
        }

        private boolean isOfSingleType(Object value) {
            return value instanceof String
                    || (value instanceof Boolean && isBoolean())
                    || (value instanceof Number && isNumber());
        }

        /** Tell whether nothing was given: an empty text is no number. */
        boolean isUnset(@Nullable Object value) {
            return values(value).isEmpty();
        }

        boolean isText() {
            return type.equals("String") || type.equals("Password");
        }

        private List<Object> values(@Nullable Object value) {
            Stream<?> values = switch (value) {
                case null -> Stream.empty();
                case Object[] array -> Stream.of(array);
                case Collection<?> collection -> collection.stream();
                default -> Stream.of(value);
            };
            return values.filter(single -> !single.toString().isBlank())
                    .map(Object.class::cast)
                    .toList();
        }

        private boolean fits(String value) {
            if (!options.isEmpty() && !options.contains(value)) {
                return false;
            }
            return switch (type) {
                case "Boolean" -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
                case "Character" -> value.length() == 1;
                case "String", "Password" -> within(BigDecimal.valueOf(value.length()));
                default -> fitsNumber(value.strip());
            };
        }

        private boolean fitsNumber(String value) {
            try {
                BigDecimal number = new BigDecimal(value);
                BigDecimal[] bounds = WHOLE.get(type);
                boolean representable = bounds == null
                        || (number.scale() <= 0
                                && number.compareTo(bounds[0]) >= 0
                                && number.compareTo(bounds[1]) <= 0);
                return representable && within(number);
            } catch (NumberFormatException e) {
                return false;
            }
        }

        private boolean within(BigDecimal number) {
            return min.map(bound -> number.compareTo(bound) >= 0).orElse(true)
                    && max.map(bound -> number.compareTo(bound) <= 0).orElse(true);
        }

        String allowed() {
            if (!options.isEmpty()) {
                return "one of " + String.join(", ", options);
            }
            String what = switch (type) {
                case "Boolean" -> "true or false";
                case "Character" -> "one character";
                case "String", "Password" -> "text";
                case "Double", "Float" -> "a number";
                default -> "a whole number";
            };
            String range = Stream.of(
                            min.map(bound -> "at least " + bound.toPlainString()),
                            max.map(bound -> "at most " + bound.toPlainString()))
                    .flatMap(Optional::stream)
                    .collect(Collectors.joining(" and "));
            String many = Math.abs((long) cardinality) > 1 && Math.abs((long) cardinality) < Integer.MAX_VALUE
                    ? ", " + Math.abs((long) cardinality) + " values at most"
                    : "";
            return what
                    + (range.isEmpty() ? "" : (isText() ? " with " : " ") + range + (isText() ? " characters" : ""))
                    + many;
        }
    }

    /** Read a bundle's form for a PID or factory PID, if it has one. */
    static Optional<SettingsForm> of(Bundle bundle, String pid) throws IOException {
        return all(bundle).stream()
                .filter(designated -> designated.pid().equals(pid))
                .findFirst()
                .map(Designated::form);
    }

    /** Read all forms of a bundle; of one that is being taken out there are none. */
    static List<Designated> all(Bundle bundle) throws IOException {
        List<Designated> all = new ArrayList<>();
        try {
            Enumeration<URL> resources = bundle.findEntries(RESOURCES, "*.xml", false);
            while (resources != null && resources.hasMoreElements()) {
                all.addAll(parse(resources.nextElement()));
            }
        } catch (RuntimeException | IOException e) {
            if (bundle.getState() == Bundle.UNINSTALLED) {
                return List.of();
            }
            throw e;
        }
        return all;
    }

    private static List<Designated> parse(URL resource) throws IOException {
        Document document;
        try (InputStream in = resource.openStream()) {
            document = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(in);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("The metatype resource " + resource + " can't be read.", e);
        }
        try {
            return elements(document.getElementsByTagName("Designate")).stream()
                    .flatMap(designate -> designated(designate, document).stream())
                    .toList();
        } catch (NumberFormatException e) {
            throw new IOException("The metatype resource " + resource + " has a bound that is no number.", e);
        }
    }

    private static Optional<Designated> designated(Element designate, Document document) {
        String factory = designate.getAttribute("factoryPid");
        return elements(designate.getElementsByTagName("Object")).stream()
                .map(object -> object.getAttribute("ocdref"))
                .flatMap(ocd -> elements(document.getElementsByTagName("OCD")).stream()
                        .filter(definition -> ocd.equals(definition.getAttribute("id"))))
                .findFirst()
                .map(definition -> new Designated(
                        factory.isEmpty() ? designate.getAttribute("pid") : factory,
                        !factory.isEmpty(),
                        form(definition)));
    }

    private static SettingsForm form(Element definition) {
        return new SettingsForm(
                definition.getAttribute("name"),
                definition.getAttribute("description"),
                elements(definition.getElementsByTagName("AD")).stream()
                        .map(SettingsForm::field)
                        .toList());
    }

    /** Find a setting by its name. */
    Optional<Field> field(String id) {
        return fields.stream().filter(field -> field.id().equals(id)).findFirst();
    }

    private static Field field(Element definition) {
        String cardinality = definition.getAttribute("cardinality");
        return new Field(
                definition.getAttribute("id"),
                definition.getAttribute("name"),
                definition.getAttribute("description"),
                definition.getAttribute("type"),
                !definition.getAttribute("required").equals("false"),
                definition.hasAttribute("default") ? Optional.of(definition.getAttribute("default")) : Optional.empty(),
                cardinality.isEmpty() ? 0 : Integer.parseInt(cardinality),
                bound(definition.getAttribute("min")),
                bound(definition.getAttribute("max")),
                elements(definition.getElementsByTagName("Option")).stream()
                        .map(option -> option.getAttribute("value"))
                        .toList());
    }

    private static Optional<BigDecimal> bound(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(value));
    }

    private static BigDecimal[] bounds(long min, long max) {
        return new BigDecimal[] {BigDecimal.valueOf(min), BigDecimal.valueOf(max)};
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
