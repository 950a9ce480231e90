#pragma once

/// One linear or mixed-integer program, solved by GLPK inside a single call.
///
/// GLPK keeps its state per thread, and calls abort() on input it does not like. Both stay in this
/// room: `cglpk_solve` builds the program from plain arrays, solves it, copies the answer out and
/// frees everything before it returns, on one thread, and an abort becomes a result.

/// What the solver may do before it must stop.
typedef struct {
  /// Milliseconds of wall time for the whole call; 0 means no limit.
  int time_limit_milliseconds;
  /// Simplex iterations of one linear program; 0 means no limit.
  int iteration_limit;
  /// Branch-and-bound nodes; 0 means no limit.
  int node_limit;
  /// Mebibytes that GLPK may allocate; 0 means no limit.
  int memory_limit_mebibytes;
  /// An integer program stops once |objective - bound| <= relative_gap * |objective|.
  double relative_gap;
  /// Nonzero: Gomory, mixed-integer-rounding, cover and clique cuts.
  int cuts;
  /// Nonzero: GLPK's integer presolver.
  int integer_presolve;
  /// Nonzero: dual simplex first; zero: primal simplex.
  int dual_simplex;
} cglpk_options;

/// Why the solver stopped.
enum {
  CGLPK_FINISHED = 0,         // it proved what the two statuses say
  CGLPK_GAP_REACHED = 1,      // an integer program is within the requested gap
  CGLPK_TIME_LIMIT = 2,
  CGLPK_ITERATION_LIMIT = 3,
  CGLPK_NODE_LIMIT = 4,
  CGLPK_REJECTED = 5,         // a return code that says that the input is wrong
  CGLPK_NUMERICAL = 6,        // the solver gave up for numerical reasons
  CGLPK_ABORTED = 7           // GLPK called abort(); `message` has its words
};

/// What is known of a point, primal or dual.
enum {
  CGLPK_POINT_NONE = 0,        // no point
  CGLPK_POINT_FEASIBLE = 1,    // the returned point is feasible
  CGLPK_POINT_INFEASIBLE = 2,  // the returned point is not feasible
  CGLPK_POINT_IMPOSSIBLE = 3   // it is proved that no feasible point exists
};

/// The answer, apart from the arrays.
typedef struct {
  /// One of the `CGLPK_FINISHED`... values.
  int stop;
  /// One of the `CGLPK_POINT_`... values; for an integer program, of the integer point.
  int primal;
  /// One of the `CGLPK_POINT_`... values, of the linear program (for integers: its relaxation).
  int dual;
  /// GLPK's last return code and status, for messages.
  int glpk_code, glpk_status;
  /// Value of the objective at the primal point.
  double objective;
  /// Nonzero where `bound` holds: no point is better than it.
  int has_bound;
  double bound;
  /// Simplex iterations (for integers: of the relaxation) and branch-and-bound nodes.
  int iterations, nodes;
  /// What GLPK printed last before it aborted; empty otherwise.
  char message[256];
} cglpk_result;

/// Builds, solves, copies out and frees, on the calling thread.
///
/// Bounds may be infinite, with the sign that leaves the side open. Indices count from 0. The out
/// arrays are written where the statuses say that a point exists, and left alone elsewhere:
/// `column_values` and `row_activities` for the primal point, `row_duals` and `column_duals` for the
/// dual point of the linear program (for integers: of its relaxation). A dual is the change of the
/// optimal objective, in its own direction, per unit of the row's binding bound.
void cglpk_solve(
    int column_count, const double *column_lower, const double *column_upper,
    const double *column_costs, const unsigned char *column_is_integer, double cost_constant,
    int maximise, int row_count, const double *row_lower, const double *row_upper, int entry_count,
    const int *entry_rows, const int *entry_columns, const double *entry_values,
    const cglpk_options *options, double *column_values, double *row_activities, double *row_duals,
    double *column_duals, cglpk_result *result);

/// The version of the linked library, as `5.0`; a static string.
const char *cglpk_version(void);
