package org.llmgine.provider.openai.internal;

import java.util.Map;

/** The same by the JDK's client, which serves where there is a proxy: here the back-end is its own. */
class BackendBehindProxyTest extends BackendTest {
    @Override
    Map<String, Object> transport(int port) {
        return Map.of("proxy", "http://127.0.0.1:" + port);
    }
}
