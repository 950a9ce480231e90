#include "CGLPK.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Everything that one call needs, in memory that a longjmp leaves as it is.
typedef struct {
  jmp_buf rescue;
  int column_count, row_count, entry_count;
  const double *column_lower, *column_upper, *column_costs;
  const unsigned char *column_is_integer;
  double cost_constant;
  int maximise;
  const double *row_lower, *row_upper;
  const int *entry_rows, *entry_columns;
  const double *entry_values;
  const cglpk_options *options;
  double *column_values, *row_activities, *row_duals, *column_duals;
  cglpk_result *result;
  double deadline;  // seconds of the monotonic clock; infinite without a limit
  int node_limit_hit;
} call;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int remaining_milliseconds(const call *c) {
  if (isinf(c->deadline)) return INT_MAX;
  double left = 1000 * (c->deadline - now());
  return left < 1 ? 1 : left > INT_MAX - 1 ? INT_MAX - 1 : (int)left;
}

// MARK: Hooks

static void on_error(void *info) { longjmp(((call *)info)->rescue, 1); }

/// Keeps GLPK's words (the end of them, where there are too many) instead of printing them.
static int on_print(void *info, const char *text) {
  char *message = ((call *)info)->result->message;
  size_t room = sizeof ((call *)info)->result->message - 1, used = strlen(message);
  size_t more = strlen(text);
  if (more > room) {
    text += more - room;
    more = room;
  }
  if (used + more > room) {
    size_t dropped = used + more - room;
    memmove(message, message + dropped, used - dropped);
    used -= dropped;
  }
  memcpy(message + used, text, more);
  message[used + more] = 0;
  return 1;
}

/// Follows the best bound, which GLPK offers nowhere else, and stops at the node limit.
static void on_branch(glp_tree *tree, void *info) {
  call *c = info;
  int total = 0;
  glp_ios_tree_size(tree, NULL, NULL, &total);
  c->result->nodes = total;
  int best = glp_ios_best_node(tree);
  if (best != 0) {
    double bound = glp_ios_node_bound(tree, best);
    // The bound of the whole tree only ever tightens.
    if (isfinite(bound) && (!c->result->has_bound || (c->maximise ? bound < c->result->bound
                                                                  : bound > c->result->bound))) {
      c->result->bound = bound;
      c->result->has_bound = 1;
    }
  }
  int limit = c->options->node_limit;
  if (limit > 0 && total > limit) {
    c->node_limit_hit = 1;
    glp_ios_terminate(tree);
  }
}

// MARK: Building

/// GLPK wants the kind of a bound said: two equal bounds are GLP_FX, or it answers GLP_EBOUND.
static int bound_kind(double lower, double upper) {
  if (isinf(lower) && isinf(upper)) return GLP_FR;
  if (isinf(upper)) return GLP_LO;
  if (isinf(lower)) return GLP_UP;
  return lower == upper ? GLP_FX : GLP_DB;
}

static void *allocated(size_t count, size_t size) { return glp_alloc((int)count, (int)size); }

static glp_prob *build(const call *c) {
  glp_prob *p = glp_create_prob();
  glp_set_obj_dir(p, c->maximise ? GLP_MAX : GLP_MIN);
  glp_set_obj_coef(p, 0, c->cost_constant);
  glp_add_cols(p, c->column_count);
  for (int j = 0; j < c->column_count; j++) {
    double lower = c->column_lower[j], upper = c->column_upper[j];
    glp_set_col_bnds(p, j + 1, bound_kind(lower, upper), lower, upper);
    glp_set_obj_coef(p, j + 1, c->column_costs[j]);
    if (c->column_is_integer[j]) glp_set_col_kind(p, j + 1, GLP_IV);
  }
  if (c->row_count > 0) glp_add_rows(p, c->row_count);
  for (int i = 0; i < c->row_count; i++) {
    double lower = c->row_lower[i], upper = c->row_upper[i];
    glp_set_row_bnds(p, i + 1, bound_kind(lower, upper), lower, upper);
  }
  if (c->entry_count > 0) {
    size_t length = (size_t)c->entry_count + 1;
    int *rows = allocated(length, sizeof *rows), *columns = allocated(length, sizeof *columns);
    double *values = allocated(length, sizeof *values);
    for (int k = 0; k < c->entry_count; k++) {
      rows[k + 1] = c->entry_rows[k] + 1;
      columns[k + 1] = c->entry_columns[k] + 1;
      values[k + 1] = c->entry_values[k];
    }
    glp_load_matrix(p, c->entry_count, rows, columns, values);
    glp_free(rows);
    glp_free(columns);
    glp_free(values);
  }
  return p;
}

// MARK: Solving

static int point(int glpk_status) {
  switch (glpk_status) {
    case GLP_FEAS:
    case GLP_OPT:
    case GLP_UNBND: return CGLPK_POINT_FEASIBLE;
    case GLP_INFEAS: return CGLPK_POINT_INFEASIBLE;
    case GLP_NOFEAS: return CGLPK_POINT_IMPOSSIBLE;
    default: return CGLPK_POINT_NONE;
  }
}

static int stop_reason(int glpk_code) {
  switch (glpk_code) {
    case 0: return CGLPK_FINISHED;
    case GLP_EMIPGAP: return CGLPK_GAP_REACHED;
    case GLP_ETMLIM: return CGLPK_TIME_LIMIT;
    case GLP_EITLIM: return CGLPK_ITERATION_LIMIT;
    case GLP_ESTOP: return CGLPK_NODE_LIMIT;
    case GLP_EBOUND:
    case GLP_EBADB:
    case GLP_EROOT: return CGLPK_REJECTED;
    default: return CGLPK_NUMERICAL;
  }
}

/// One simplex run from a fresh basis; returns GLPK's code.
static int simplex_once(const call *c, glp_prob *p, int method) {
  glp_smcp parameters;
  glp_init_smcp(&parameters);
  parameters.msg_lev = GLP_MSG_OFF;
  parameters.meth = method;
  parameters.tm_lim = remaining_milliseconds(c);
  if (c->options->iteration_limit > 0) parameters.it_lim = c->options->iteration_limit;
  glp_adv_basis(p, 0);
  return glp_simplex(p, &parameters);
}

static int is_numerical(int code, glp_prob *p) {
  return stop_reason(code) == CGLPK_NUMERICAL || code == GLP_EBADB ||
         (code == 0 && glp_get_status(p) == GLP_UNDEF);
}

/// The linear program (relaxation). Presolve stays off: it would hide which status was proved.
static void solve_linear(call *c, glp_prob *p) {
  glp_scale_prob(p, GLP_SF_AUTO);
  int first = c->options->dual_simplex ? GLP_DUALP : GLP_PRIMAL;
  int code = simplex_once(c, p, first);
  if (is_numerical(code, p)) {  // the other method, unscaled, has other trouble
    glp_unscale_prob(p);
    code = simplex_once(c, p, first == GLP_PRIMAL ? GLP_DUALP : GLP_PRIMAL);
  }
  cglpk_result *r = c->result;
  r->glpk_code = code;
  r->glpk_status = glp_get_status(p);
  r->stop = is_numerical(code, p) ? CGLPK_NUMERICAL : stop_reason(code);
  r->primal = point(glp_get_prim_stat(p));
  r->dual = point(glp_get_dual_stat(p));
  r->iterations = glp_get_it_cnt(p);
  r->objective = glp_get_obj_val(p);
}

static void copy_linear(call *c, glp_prob *p, int with_primal) {
  for (int j = 0; j < c->column_count; j++) {
    if (with_primal) c->column_values[j] = glp_get_col_prim(p, j + 1);
    c->column_duals[j] = glp_get_col_dual(p, j + 1);
  }
  for (int i = 0; i < c->row_count; i++) {
    if (with_primal) c->row_activities[i] = glp_get_row_prim(p, i + 1);
    c->row_duals[i] = glp_get_row_dual(p, i + 1);
  }
}

/// Branch and bound, from the solved relaxation; returns GLPK's code.
static int branch_and_bound(call *c, glp_prob *p) {
  glp_iocp parameters;
  glp_init_iocp(&parameters);
  int cuts = c->options->cuts ? GLP_ON : GLP_OFF;
  parameters.msg_lev = GLP_MSG_OFF;
  parameters.mip_gap = c->options->relative_gap;
  parameters.tm_lim = remaining_milliseconds(c);
  parameters.presolve = c->options->integer_presolve ? GLP_ON : GLP_OFF;
  parameters.gmi_cuts = parameters.mir_cuts = parameters.cov_cuts = parameters.clq_cuts = cuts;
  parameters.cb_func = on_branch;
  parameters.cb_info = c;
  return glp_intopt(p, &parameters);
}

/// Integers under an unbounded relaxation: unbounded if one integer point exists, else infeasible.
///
/// True for rational data, and every double is rational: R. R. Meyer, On the existence of optimal
/// solutions to integer and mixed-integer programming problems, Mathematical Programming 7 (1974).
static void settle_unbounded(call *c, glp_prob *p) {
  cglpk_result *r = c->result;
  for (int j = 0; j <= c->column_count; j++) glp_set_obj_coef(p, j, 0);
  int code = simplex_once(c, p, GLP_PRIMAL);
  if (code == 0) code = branch_and_bound(c, p);
  r->glpk_code = code;
  r->glpk_status = glp_mip_status(p);
  r->has_bound = 0;
  if (code == GLP_ENOPFS || (code == 0 && r->glpk_status == GLP_NOFEAS)) {
    r->stop = CGLPK_FINISHED;
    r->primal = CGLPK_POINT_IMPOSSIBLE;
  } else if (r->glpk_status == GLP_OPT || r->glpk_status == GLP_FEAS) {
    r->stop = CGLPK_FINISHED;
    r->primal = CGLPK_POINT_FEASIBLE;
  } else {
    r->stop = stop_reason(code);
    r->primal = CGLPK_POINT_NONE;
  }
}

static void solve_integer(call *c, glp_prob *p) {
  cglpk_result *r = c->result;
  r->bound = r->objective;  // the relaxation's optimum bounds every integer point
  r->has_bound = 1;
  int code = branch_and_bound(c, p), status = glp_mip_status(p);
  r->glpk_code = code;
  r->glpk_status = status;
  if (code == GLP_ENOPFS || (code == 0 && status == GLP_NOFEAS)) {
    r->stop = CGLPK_FINISHED;
    r->primal = CGLPK_POINT_IMPOSSIBLE;
    r->has_bound = 0;
    return;
  }
  r->stop = c->node_limit_hit ? CGLPK_NODE_LIMIT : stop_reason(code);
  if (code == 0 && status != GLP_OPT) r->stop = CGLPK_NUMERICAL;
  if (status != GLP_OPT && status != GLP_FEAS) {
    r->primal = CGLPK_POINT_NONE;
    return;
  }
  r->primal = CGLPK_POINT_FEASIBLE;
  r->objective = glp_mip_obj_val(p);
  if (r->stop == CGLPK_FINISHED) r->bound = r->objective;
  for (int j = 0; j < c->column_count; j++) c->column_values[j] = glp_mip_col_val(p, j + 1);
  for (int i = 0; i < c->row_count; i++) c->row_activities[i] = glp_mip_row_val(p, i + 1);
}

static void build_and_solve(call *c) {
  cglpk_result *r = c->result;
  int integers = 0;
  for (int j = 0; j < c->column_count; j++) integers += c->column_is_integer[j] != 0;
  if (c->options->memory_limit_mebibytes > 0) glp_mem_limit(c->options->memory_limit_mebibytes);
  glp_prob *p = build(c);
  solve_linear(c, p);
  int solved = r->stop == CGLPK_FINISHED && r->primal == CGLPK_POINT_FEASIBLE;
  int optimal = solved && r->dual == CGLPK_POINT_FEASIBLE;
  if (integers == 0) {
    if (r->primal == CGLPK_POINT_FEASIBLE) copy_linear(c, p, 1);
    if (r->dual == CGLPK_POINT_FEASIBLE) {  // a dual point bounds, also where a limit cut it short
      r->bound = r->objective;
      r->has_bound = 1;
    }
  } else if (optimal) {
    copy_linear(c, p, 0);
    solve_integer(c, p);
  } else if (solved) {
    settle_unbounded(c, p);
  } else if (r->primal != CGLPK_POINT_IMPOSSIBLE) {
    r->primal = CGLPK_POINT_NONE;  // a point of an unfinished relaxation is not an integer point
    if (r->dual == CGLPK_POINT_FEASIBLE) {  // but its dual point bounds all the same
      r->bound = r->objective;
      r->has_bound = 1;
    }
  }
  glp_delete_prob(p);
}

/// The frame that catches: its callers and its data are elsewhere, so nothing in it can be stale.
static void guarded(call *c) {
  if (setjmp(c->rescue) != 0) {
    c->result->stop = CGLPK_ABORTED;
    c->result->primal = c->result->dual = CGLPK_POINT_NONE;
    c->result->has_bound = 0;
    return;
  }
  glp_error_hook(on_error, c);
  glp_term_hook(on_print, c);
  build_and_solve(c);
  c->result->message[0] = 0;
}

void cglpk_solve(
    int column_count, const double *column_lower, const double *column_upper,
    const double *column_costs, const unsigned char *column_is_integer, double cost_constant,
    int maximise, int row_count, const double *row_lower, const double *row_upper, int entry_count,
    const int *entry_rows, const int *entry_columns, const double *entry_values,
    const cglpk_options *options, double *column_values, double *row_activities, double *row_duals,
    double *column_duals, cglpk_result *result) {
  memset(result, 0, sizeof *result);
  int limit = options->time_limit_milliseconds;
  call c = {
    .column_count = column_count, .row_count = row_count, .entry_count = entry_count,
    .column_lower = column_lower, .column_upper = column_upper, .column_costs = column_costs,
    .column_is_integer = column_is_integer, .cost_constant = cost_constant, .maximise = maximise,
    .row_lower = row_lower, .row_upper = row_upper, .entry_rows = entry_rows,
    .entry_columns = entry_columns, .entry_values = entry_values, .options = options,
    .column_values = column_values, .row_activities = row_activities, .row_duals = row_duals,
    .column_duals = column_duals, .result = result,
    .deadline = limit > 0 ? now() + 1e-3 * limit : INFINITY,
  };
  guarded(&c);
  glp_error_hook(NULL, NULL);
  glp_term_hook(NULL, NULL);
  glp_free_env();  // GLPK's per-thread state, and all that a rescue left behind
}

const char *cglpk_version(void) { return glp_version(); }
