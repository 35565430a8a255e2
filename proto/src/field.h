/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_FIELD_H
#define PROTO_FIELD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* Fields of protobuf-c messages by their descriptors: what copy, equality and JSON share. */

/* How many bytes one element of the field takes in the message's struct. */
size_t field_element_size(ProtobufCType type);

/* How many elements are set: the count of a repeated field; 0 or 1 for the others. An optional
 * string that still points to its default is unset. */
size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* The address of element `index` within the struct, or within the array of a repeated field. */
void *field_element(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index);

/* Where the field itself lies in the struct, and its has_ flag, count or oneof case. */
void *field_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
void *field_quantifier(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Marks a singular field as set: has_, or the oneof's case. */
void field_mark(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* protoc-c turns map<K, V> into repeated NameEntry {key = 1; value = 2}. */
bool field_is_map(const ProtobufCFieldDescriptor *field);

#endif
