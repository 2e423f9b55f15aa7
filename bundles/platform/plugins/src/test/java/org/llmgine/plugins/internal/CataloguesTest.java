package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.CatalogueEntry;
import org.llmgine.plugins.CatalogueListing;
import org.llmgine.plugins.PluginSource;
import org.llmgine.plugins.internal.Catalogues.Offer;

/** What catalogues offer, in a folder and over HTTP, signed and not. */
class CataloguesTest {
    private static final String SHA = "0".repeat(64);
    private static final String INDEX = """
            {"format": 1, "name": "Tools of Ann", "plugins": [
              {"id": "greeter", "name": "Greeter", "description": "It greets.", "kinds": ["tool"], "author": "Ann",
               "icon": "icon.svg", "links": ["https://example.org"], "later": true, "versions": [
                {"version": "1.9.0", "url": "jars/greeter-1.9.0.jar", "sha256": "SHA", "api": {"org.llmgine.api": "[1.0,2)"}},
                {"version": "1.10.0", "url": "../greeter-1.10.0.jar", "sha256": "SHA", "api": {"org.llmgine.api": "[1.0,2)"}},
                {"version": "2.0.0", "url": "mvn:org.example/greeter/2.0.0", "sha256": "SHA", "api": {"org.llmgine.api": "[2.0,3)"}}]},
              {"id": "adder", "versions": [
                {"version": "1.0.0", "url": "file:/etc/passwd", "sha256": "SHA"},
                {"version": "0.9.0", "url": "https://example.org/adder.jar", "sha256": "SHA"}]},
              {"id": "future", "versions": [
                {"version": "1.0.0", "url": "f.jar", "sha256": "SHA", "api": {"org.llmgine.api": "[2.0,3)"}}]}
            ]}
            """.replace("SHA", SHA);

    @TempDir
    private static Path keyFolder;

    private static Keys keys;

    @TempDir
    private Path folder;

    private final Map<String, byte[]> served = new ConcurrentHashMap<>();
    private HttpServer server;
    private String address;

    @BeforeAll
    static void makeKeys() throws IOException, InterruptedException {
        keys = new Keys(keyFolder.resolve("keys.p12"))
                .make("ann")
                .make("rsa", "-keyalg", "RSA")
                .make("edward", "-keyalg", "Ed25519")
                .make("old", "-startdate", "-40d", "-validity", "30");
    }

    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = served.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        address = "http://127.0.0.1:" + server.getAddress().getPort();
        keys.pem(folder.resolve("plugins/trust.pem"), "ann", "rsa", "edward", "old");
        Files.createDirectories(folder.resolve("shelf"));
        Files.writeString(folder.resolve("shelf/index.json"), INDEX);
        serve("/tools/index.json", INDEX);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(String path, String text) {
        served.put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private void sign(String alias, String algorithm) throws Exception {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(keys.key(alias));
        signature.update(INDEX.getBytes(StandardCharsets.UTF_8));
        served.put("/tools/index.json.sig", signature.sign());
    }

    private Catalogues catalogues(String signatures, String... places) {
        PluginSettings settings = SettingsFixture.settings(signatures, List.of(places));
        return new Catalogues(
                folder,
                new Signatures(folder, () -> settings),
                packages -> packages.values().stream()
                        .filter(range -> range.startsWith("[2"))
                        .findFirst()
                        .map(range -> "It was built for another api, " + range + "."),
                () -> settings);
    }

    private static PluginSource wanted(String id, String version) {
        return new PluginSource.Catalogue(id, Optional.of(version).filter(text -> !text.isEmpty()));
    }

    private static LlmgineException refusal(Catalogues catalogues, String id, String version) {
        return catchThrowableOfType(LlmgineException.class, () -> catalogues.offer(wanted(id, version)));
    }

    @Test
    void theNewestThatFitsIsOffered() {
        Offer offer = catalogues(PluginSettings.REQUIRE, "shelf").offer(wanted("greeter", ""));

        assertThat(((PluginSource.Address) offer.source()).address())
                .endsWith(folder.resolve("greeter-1.10.0.jar").toString());
        assertThat(offer.label()).isEqualTo("greeter 1.10.0 of the catalogue Tools of Ann");
        assertThat(offer.sha256()).hasValue(SHA);
        assertThat(offer.voucher()).hasValue("The catalogue Tools of Ann of this host");
    }

    @Test
    void aVersionMayBeNamed() {
        Offer offer = catalogues(PluginSettings.WARN, "shelf").offer(wanted("greeter", "1.9.0"));

        assertThat(((PluginSource.Address) offer.source()).address()).endsWith("/shelf/jars/greeter-1.9.0.jar");
    }

    @Test
    void whatIsNoCatalogueIdIsLeftAsItIs() {
        PluginSource source = new PluginSource.Address("mvn:g/a/1");

        assertThat(catalogues(PluginSettings.WARN, "nowhere").offer(source))
                .isEqualTo(new Offer(source, "mvn:g/a/1", Optional.empty(), Optional.empty()));
    }

    @Test
    void aVersionForAnotherApiSaysWhich() {
        LlmgineException refusal = refusal(catalogues(PluginSettings.WARN, "shelf"), "future", "");

        assertThat(refusal.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED);
        assertThat(refusal)
                .hasMessage("No version of future in the catalogues fits this host. The newest is 1.0.0."
                        + " It was built for another api, [2.0,3).");
        assertThat(refusal.hint().orElse("")).contains("ask its author");
    }

    @Test
    void aPluginThatNobodyOffersIsNotFound() {
        LlmgineException refusal = refusal(catalogues(PluginSettings.WARN, "shelf", "nowhere"), "greeter", "7.0.0");

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(refusal).hasMessage("No catalogue has the plugin 'greeter' in version 7.0.0.");
        assertThat(refusal.hint()).hasValue("The catalogue nowhere can't be used: There is no index.json there.");
        assertThat(refusal(catalogues(PluginSettings.WARN), "greeter", "")
                        .hint()
                        .orElse(""))
                .contains("GET /api/plugins/catalogue");
    }

    @Test
    void aSearchLooksAtWordsInAnyCase() {
        Catalogues catalogues = catalogues(PluginSettings.WARN, "shelf");

        CatalogueListing all = catalogues.search("");
        assertThat(all.problems()).isEmpty();
        assertThat(all.entries()).extracting(CatalogueEntry::id).containsExactly("adder", "future", "greeter");
        CatalogueListing found = catalogues.search(" GREETS ");
        assertThat(found.entries())
                .containsExactly(new CatalogueEntry(
                        "Tools of Ann",
                        "greeter",
                        "Greeter",
                        "It greets.",
                        List.of("tool"),
                        "Ann",
                        "icon.svg",
                        List.of("https://example.org"),
                        List.of(
                                new CatalogueEntry.Version(
                                        "2.0.0", SHA, Optional.of("It was built for another api, [2.0,3).")),
                                new CatalogueEntry.Version("1.10.0", SHA, Optional.empty()),
                                new CatalogueEntry.Version("1.9.0", SHA, Optional.empty()))));
        assertThat(catalogues.search("nothing").entries()).isEmpty();
    }

    @Test
    void oneOverHttpNeedsASignatureWhenTheyAreRequired() {
        CatalogueListing listing =
                catalogues(PluginSettings.REQUIRE, address + "/tools").search("");

        assertThat(listing.entries()).isEmpty();
        assertThat(listing.problems())
                .singleElement()
                .asString()
                .contains(address + "/tools can't be used: It is not signed", "index.json.sig", "'warn'");
    }

    @Test
    void oneOverHttpThatIsSignedVouches() throws Exception {
        for (String[] by : new String[][] {{"ann", "SHA256withECDSA"}, {"rsa", "SHA256withRSA"}, {"edward", "EdDSA"}}) {
            sign(by[0], by[1]);
            Offer offer = catalogues(PluginSettings.REQUIRE, address + "/tools/index.json")
                    .offer(wanted("greeter", ""));

            assertThat(((PluginSource.Address) offer.source()).address()).isEqualTo(address + "/greeter-1.10.0.jar");
            assertThat(offer.voucher()).hasValue("The catalogue Tools of Ann, signed by CN=" + by[0] + ",");
        }
    }

    @Test
    void oneThatWasChangedAfterItWasSignedIsRefusedAlsoWhenWarned() throws Exception {
        sign("ann", "SHA256withECDSA");
        serve("/tools/index.json", INDEX.replace("1.9.0.jar", "evil.jar"));

        assertThat(catalogues(PluginSettings.WARN, address + "/tools/")
                        .search("")
                        .problems())
                .singleElement()
                .asString()
                .contains("It was changed after it was signed, or the trust store");
        assertThat(catalogues(PluginSettings.OFF, address + "/tools/")
                        .search("")
                        .entries())
                .hasSize(3);
    }

    @Test
    void oneSignedWithAnExpiredCertificateIsRefused() throws Exception {
        sign("old", "SHA256withECDSA");

        assertThat(catalogues(PluginSettings.WARN, address + "/tools")
                        .search("")
                        .problems())
                .singleElement()
                .asString()
                .contains("the trust store doesn't have the certificate");
    }

    @Test
    void oneThatIsNotSignedDoesNotVouch() {
        assertThat(catalogues(PluginSettings.WARN, address + "/tools")
                        .offer(wanted("greeter", ""))
                        .voucher())
                .isEmpty();
    }

    @Test
    void oneOverHttpMayNotPointToFilesOfTheHost() {
        LlmgineException refusal = refusal(catalogues(PluginSettings.WARN, address + "/tools"), "adder", "");

        assertThat(refusal.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED);
        assertThat(refusal).hasMessageContaining("says that adder is in a file of this host");
    }

    @Test
    void oneThatCantBeReadIsNamedWithWhatIsWrongAndTheOthersAreUsed() throws IOException {
        Map<String, String> wrong = Map.of(
                "nothing json",
                "It is not the JSON of a catalogue",
                "{}",
                "format",
                "{\"format\": 2}",
                "Its format is not 1",
                "null",
                "Its format is not 1",
                "{\"format\": 1, \"plugins\": [null]}",
                "a list has an element that is null",
                INDEX.replace("\"id\": \"adder\"", "\"id\": \"greeter\""),
                "Its plugin 'greeter' is there twice",
                INDEX.replace("\"id\": \"adder\"", "\"id\": \"A B\""),
                "Its plugin 'A B'",
                INDEX.replace("\"1.9.0\"", "\"one\""),
                "The version of its plugin greeter one is missing or wrong",
                INDEX.replace("[1.0,2)", "[1.0"),
                "The api of its plugin greeter 1.9.0",
                INDEX.replaceFirst(SHA, "abc"),
                "The sha256 of its plugin greeter 1.9.0");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Files.createDirectories(folder.resolve("wrong"));
            Files.writeString(folder.resolve("wrong/index.json"), one.getKey());
            CatalogueListing listing =
                    catalogues(PluginSettings.WARN, "wrong", "shelf").search("");

            assertThat(listing.entries()).hasSize(3);
            assertThat(listing.problems())
                    .singleElement()
                    .asString()
                    .startsWith("The catalogue wrong can't be used: ")
                    .contains(one.getValue());
        }
        Files.writeString(folder.resolve("wrong/index.json"), INDEX.replaceFirst("\"jars/[^\"]*\"", "\" \""));
        assertThat(catalogues(PluginSettings.WARN, "wrong").search("").problems())
                .singleElement()
                .asString()
                .contains("The url of its plugin greeter 1.9.0");
    }

    @Test
    void oneThatCantBeReachedIsNamedWithoutWhatMayBeSecret() {
        String place = address.replace("//", "//ann:secret@") + "/gone?token=secret";

        assertThat(catalogues(PluginSettings.WARN, place, "http://127.0.0.1:1/x")
                        .search("")
                        .problems())
                .hasSize(2)
                .noneMatch(problem -> problem.contains("secret"))
                .anyMatch(problem -> problem.contains("/gone can't be used: There is no index.json there."));
    }
}
