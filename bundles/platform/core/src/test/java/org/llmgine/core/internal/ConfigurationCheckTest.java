package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

class ConfigurationCheckTest {
    private static final String PID = "org.llmgine.test";
    private static final String METATYPE = """
            <?xml version="1.0" encoding="UTF-8"?>
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
              <OCD id="other" name="other"/>
              <OCD id="ocd" name="settings">
                <AD id="number" type="Integer" cardinality="0" default="5" min="1" max="10"/>
                <AD id="big" type="Long" cardinality="0" required="false"/>
                <AD id="share" type="Double" cardinality="0" default="1" min="0.5"/>
                <AD id="flag" type="Boolean" cardinality="0" default="true"/>
                <AD id="letter" type="Character" cardinality="0" required="false"/>
                <AD id="mode" type="String" cardinality="0" default="a">
                  <Option label="A" value="a"/><Option label="B" value="b"/>
                </AD>
                <AD id="names" type="String" cardinality="2" required="false"/>
                <AD id="ids" type="Integer" cardinality="-2147483647" required="false"/>
                <AD id="key" type="Password" required="false" min="16"/>
                <AD id="url" type="String"/>
              </OCD>
              <Designate pid="unrelated"><Object ocdref="other"/></Designate>
              <Designate pid="org.llmgine.test" factoryPid="org.llmgine.test"><Object ocdref="ocd"/></Designate>
            </metatype:MetaData>
            """;

    private final ConfigurationCheck check = new ConfigurationCheck();
    private final List<String> logged = new ArrayList<>();
    private final Logger logger = Logger.getLogger(ConfigurationCheck.class.getName());
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
    }

    @Test
    void whatIsGoodIsLeftAsItIs() {
        Dictionary<String, Object> good = properties(
                "number",
                "10",
                "big",
                7L,
                "share",
                "0.5",
                "flag",
                "FALSE",
                "letter",
                "x",
                "mode",
                "b",
                "names",
                new String[] {"a", "b"},
                "ids",
                List.of(1, 2, 3),
                "key",
                "sixteen-letters!",
                "url",
                "http://x");
        Hashtable<String, Object> before = copy(good);

        modify(good);

        assertThat(good).isEqualTo(before);
        assertThat(logged).isEmpty();
    }

    @Test
    void aTextIsTakenApartWhereSeveralValuesMayBe() {
        Dictionary<String, Object> text = properties("names", " a , b\\,c,, ", "ids", "1,2", "url", "http://x,y");

        modify(text);

        assertThat(text.get("names")).isEqualTo(new String[] {"a", "b,c"});
        assertThat(text.get("ids")).isEqualTo(new String[] {"1", "2"});
        assertThat(text.get("url")).isEqualTo("http://x,y");
        assertThat(logged).isEmpty();
    }

    @Test
    void aBadValueGivesWayToTheDefaultAndIsReportedOnceByName() {
        assertRefused("number", "11", "number must be a whole number at least 1 and at most 10.");
        assertRefused("number", 0, "number must be a whole number at least 1 and at most 10.");
        assertRefused("number", "1.5", "number must be a whole number at least 1 and at most 10.");
        assertRefused("number", "many", "number must be a whole number at least 1 and at most 10.");
        assertRefused("big", "9223372036854775808", "big must be a whole number.");
        assertRefused("share", "0.1", "share must be a number at least 0.5.");
        assertRefused("flag", "yes", "flag must be true or false.");
        assertRefused("letter", "xy", "letter must be one character.");
        assertRefused("mode", "c", "mode must be one of a, b.");
        assertRefused("names", new String[] {"a", "b", "c"}, "names must be text, 2 values at most.");
        assertRefused("number", List.of(1, 2), "number must be a whole number at least 1 and at most 10.");
        assertRefused("ids", new Integer[] {1, 2}, "");
        assertRefused("ids", "1, x", "ids must be a whole number.");
    }

    @Test
    void aSecretIsNotLogged() {
        assertRefused("key", "too-short", "key must be text with at least 16 characters.");
        assertThat(logged).isNotEmpty().noneMatch(line -> line.contains("too-short"));
    }

    @Test
    void whatIsMissingWithoutADefaultIsReported() {
        Dictionary<String, Object> properties = properties();

        modify(properties);

        assertThat(properties.get(PluginTracker.PROBLEM)).isEqualTo("The setting url is missing; it must be text.");
    }

    @Test
    void theLastGoodValueServesInPlaceOfABadOne() {
        modify(properties("url", "u", "number", "7"));
        Dictionary<String, Object> bad = properties("url", "u", "number", "70", "mode", "a");
        modify(bad);
        modify(copy(bad));

        assertThat(bad.get("number")).isEqualTo("7");
        assertThat(bad.get(ConfigurationCheck.KEPT))
                .isEqualTo("The setting number must be a whole number at least 1 and at most 10.");
        assertThat(bad.get(PluginTracker.PROBLEM)).isNull();
        Dictionary<String, Object> good = properties("url", "u", "number", "8");
        modify(good);
        assertThat(good.get(ConfigurationCheck.KEPT)).isNull();
        assertThat(good.get("number")).isEqualTo("8");
    }

    @Test
    void oneProblemOfSeveralDeliveriesIsLoggedOnce() {
        for (int i = 0; i < 3; i++) {
            modify(properties("url", "u", "number", "70"));
        }
        assertThat(logged).containsExactly(PID + ": number must be a whole number at least 1 and at most 10.");
    }

    @Test
    void aSettingThatNobodyReadsIsWarnedOfOnce() {
        Dictionary<String, Object> properties = properties(
                "url",
                "u",
                "nunber",
                "7",
                "felix.fileinstall.filename",
                "f",
                "component.name",
                "c",
                "llmgine.instance",
                "i");
        modify(properties);
        modify(copy(properties));

        assertThat(properties.get("nunber")).isEqualTo("7");
        assertThat(properties.get(PluginTracker.PROBLEM)).isNull();
        assertThat(logged)
                .containsExactly(PID + ": there is no setting 'nunber', so it does nothing. Did you mean 'number'?");
        logged.clear();
        modify(properties("url", "u", "nunber", "7", "nonsense", "1"));
        assertThat(logged).singleElement().asString().contains("'nonsense'", "There are: big, flag");
    }

    @Test
    void aPluginsFurtherSettingsAreItsOwn() {
        Dictionary<String, Object> properties = properties("url", "u", "further", "7");
        properties.put("service.pid", "com.example.settings");
        check.modifyConfiguration(
                reference(bundle(
                        "org.llmgine.test",
                        METATYPE.replace("pid=\"org.llmgine.test\"", "pid=\"com.example.settings\""))),
                properties);

        assertThat(logged).isEmpty();
    }

    @Test
    void anUnsetVariableLeavesTheDefault() {
        Dictionary<String, Object> properties =
                properties("url", "u", "number", "", "flag", " ", "mode", "", "key", "");

        modify(properties);

        assertThat(Collections.list(properties.keys())).containsExactlyInAnyOrder("service.pid", "url", "mode", "key");
    }

    @Test
    void aFactorysInstanceIsCheckedByTheFactorysForm() {
        Dictionary<String, Object> properties = properties("number", "70", "url", "u");
        properties.put("service.pid", PID + "~work");
        properties.put("service.factoryPid", PID);

        modify(properties);

        assertThat(properties.get(PluginTracker.PROBLEM)).isNotNull();
        assertThat(logged).singleElement().asString().startsWith(PID + "~work: ");
    }

    @Test
    void whatHasNoFormIsLeftAlone() {
        Dictionary<String, Object> foreign = properties("number", "70");
        check.modifyConfiguration(reference(bundle("com.example.other", METATYPE)), foreign);
        Dictionary<String, Object> unknown = properties("number", "70");
        unknown.put("service.pid", "org.llmgine.other");
        check.modifyConfiguration(reference(bundle("org.llmgine.test", METATYPE)), unknown);
        Dictionary<String, Object> formless = properties("number", "70");
        check.modifyConfiguration(reference(bundle("org.llmgine.test", null)), formless);
        check.modifyConfiguration(reference(bundle("org.llmgine.test", METATYPE)), new Hashtable<>());
        Dictionary<String, Object> broken = properties("number", "70");
        check.modifyConfiguration(reference(bundle("org.llmgine.test", "<nonsense")), broken);

        assertThat(List.of(foreign, unknown, formless, broken))
                .allSatisfy(properties -> assertThat(properties.get("number")).isEqualTo("70"));
        assertThat(logged).containsExactly("The settings of " + PID + " can't be checked.");
    }

    private void assertRefused(String name, Object value, String message) {
        ConfigurationCheck fresh = new ConfigurationCheck();
        Dictionary<String, Object> properties = properties("url", "u", name, value);
        fresh.modifyConfiguration(reference(bundle("org.llmgine.test", METATYPE)), properties);
        if (message.isEmpty()) {
            assertThat(properties.get(PluginTracker.PROBLEM)).isNull();
        } else {
            assertThat(properties.get(PluginTracker.PROBLEM)).isEqualTo("The setting " + message);
            assertThat(properties.get(name)).isNull();
        }
    }

    private void modify(Dictionary<String, Object> properties) {
        check.modifyConfiguration(reference(bundle("org.llmgine.test", METATYPE)), properties);
    }

    private static Dictionary<String, Object> properties(Object... namesAndValues) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("service.pid", PID);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }

    private static Hashtable<String, Object> copy(Dictionary<String, Object> properties) {
        Hashtable<String, Object> copy = new Hashtable<>();
        Collections.list(properties.keys()).forEach(key -> copy.put(key, properties.get(key)));
        return copy;
    }

    /** A bundle that has a name and, perhaps, a metatype resource. */
    private static Bundle bundle(String name, @Nullable String metatype) {
        return proxy(Bundle.class, (method, arguments) -> switch (method) {
            case "getSymbolicName" -> name;
            case "findEntries" -> metatype == null ? null : Collections.enumeration(List.of(url(metatype)));
            case "getState" -> Bundle.ACTIVE;
            default -> null;
        });
    }

    private static ServiceReference<?> reference(Bundle bundle) {
        return proxy(ServiceReference.class, (method, arguments) -> method.equals("getBundle") ? bundle : null);
    }

    private interface Answer {
        @Nullable Object to(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answer.to(method.getName(), arguments)));
    }

    private static URL url(String content) {
        try {
            return URL.of(URI.create("memory:settings.xml"), new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL url) {
                    return new URLConnection(url) {
                        @Override
                        public void connect() {}

                        @Override
                        public InputStream getInputStream() {
                            return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
                        }
                    };
                }
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
