/** What Karaf does with our features, seen from inside: Pax Exam runs these tests in the distribution, as a bundle. */
package org.llmgine.itest.karaf;
