package org.llmgine.core.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "LLMgine audit", description = "What is kept of who changed what.")
@interface AuditConfig {
    @AttributeDefinition(
            name = "Retention (days)",
            description = "How long an entry of the audit is kept.",
            min = "1",
            max = "36500")
    int retentionDays() default 365;
}
