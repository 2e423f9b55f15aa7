package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.Arrays;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** One configured policy. */
@Component(
        service = PolicyRule.class,
        configurationPid = PolicyConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PolicyConfig.class, factory = true)
public final class PolicyRule {
    private final MessagePolicy policy;

    @Activate
    public PolicyRule(PolicyConfig config) {
        policy = new MessagePolicy(
                Arrays.stream(config.types()).map(TopicPattern::new).toList(),
                config.retries(),
                Duration.ofMillis(config.retryDelayMs()),
                Duration.ofMillis(config.retryMaxDelayMs()),
                config.jitter(),
                config.breakerFailures(),
                Duration.ofMillis(config.breakerWindowMs()),
                Duration.ofMillis(config.breakerDelayMs()),
                config.breakerSuccesses(),
                config.deadLetter());
    }

    MessagePolicy policy() {
        return policy;
    }
}
