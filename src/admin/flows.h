/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_FLOWS_H
#define LK_ADMIN_FLOWS_H

#include "admin/resource.h"

extern const lk_kind_t lk_kind_flow, lk_kind_authenticator_config, lk_kind_required_action;

const lk_flow_t *lk_flow_by_alias(const lk_realm_t *realm, const char *alias);
const lk_flow_t *lk_flow_by_id(const lk_realm_t *realm, const char *id);
/* A copy of its stored representation with id and alias, in the arena: to be changed and stored. */
json_t *lk_flow_rep(lk_admin_t *admin, const lk_flow_t *flow);
/* Deletes the flow with the flows inside it and all their configurations. */
lk_status_t lk_flow_delete(lk_admin_t *admin, const lk_flow_t *flow, lk_error_t *err);
/* Puts another text for `old` into that member of all executions: a flow or configuration that has another alias now, or (`now`
 * NULL) is gone. */
lk_status_t lk_executions_rename(lk_admin_t *admin, const char *member, const char *old, const char *now, lk_error_t *err);
/* Deletes the configuration that an execution has, if any. */
lk_status_t lk_execution_drop_config(lk_admin_t *admin, const json_t *execution, lk_error_t *err);
/* *ret_config is NULL where it has none. */
lk_status_t lk_execution_config(lk_admin_t *admin, const json_t *execution, json_t **ret_config, lk_error_t *err);

#endif
