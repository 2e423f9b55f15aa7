package org.llmgine.itest.bus.driver.internal;

import org.llmgine.api.bus.Command;

/**
 * Ask for the double of a number.
 *
 * @param number the number
 */
record Ask(int number) implements Command<Integer> {}
