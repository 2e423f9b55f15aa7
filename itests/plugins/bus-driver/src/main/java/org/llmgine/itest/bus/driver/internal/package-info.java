/** Sessions that must go on, and others that are hurt. */
@NullMarked
package org.llmgine.itest.bus.driver.internal;

import org.jspecify.annotations.NullMarked;
