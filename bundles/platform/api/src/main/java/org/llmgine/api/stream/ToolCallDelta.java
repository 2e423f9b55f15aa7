package org.llmgine.api.stream;

/**
 * Carry a piece of a tool call. The pieces of one call share the index; calls may be interleaved.
 *
 * @param index the call's position in the message, from 0
 * @param id the call's id; given in the first piece of a call, empty in the later ones
 * @param name the tool's name; given in the first piece of a call, empty in the later ones
 * @param arguments the next piece of the arguments' JSON text, possibly empty
 */
public record ToolCallDelta(int index, String id, String name, String arguments) implements StreamEvent {}
