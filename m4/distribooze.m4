dnl DZ_ADD_FLAGS(VARIABLE, FLAGS): appends to VARIABLE each flag that the compiler takes.
AC_DEFUN([DZ_ADD_FLAGS], [
  dz_saved_CFLAGS=$CFLAGS
  for dz_flag in $2; do
    AC_MSG_CHECKING([whether $CC takes $dz_flag])
    CFLAGS="$dz_saved_CFLAGS -Werror $dz_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
      [AC_MSG_RESULT([yes]); $1="$[]$1 $dz_flag"], [AC_MSG_RESULT([no])])
  done
  CFLAGS=$dz_saved_CFLAGS
])

dnl DZ_NDPI_TRY(VARIABLE, WHAT, CODE): defines VARIABLE when CODE compiles against nDPI without a warning.
AC_DEFUN([DZ_NDPI_TRY], [
  AC_MSG_CHECKING([whether nDPI has $2])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
      #include <ndpi_api.h>
      static struct ndpi_detection_module_struct *m; static struct ndpi_flow_struct *f;
      static unsigned char byte; ndpi_protocol result;]], [[$3]])],
    [AC_MSG_RESULT([yes]); AC_DEFINE([$1], [1], [nDPI has $2])], [AC_MSG_RESULT([no])])
])

dnl The shapes of nDPI's calls that changed between 4.2 and later releases. Version numbers are not
dnl compared: packages and snapshots disagree about them.
AC_DEFUN([DZ_NDPI_FEATURES], [
  dz_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $NDPI_CFLAGS -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion"
  AC_MSG_CHECKING([whether nDPI's header compiles])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <ndpi_api.h>]], [])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); AC_MSG_ERROR([nDPI's header ndpi_api.h does not compile; see config.log])])
  DZ_NDPI_TRY([NDPI_INIT_PREFS], [preferences in its initialisation (4.2 to 4.8)],
    [m = ndpi_init_detection_module(ndpi_no_prefs); ndpi_finalize_initialization(m);])
  DZ_NDPI_TRY([NDPI_PROCESS_5], [a packet call without hints (4.2)],
    [result = ndpi_detection_process_packet(m, f, &byte, 1, 0); (void)result;])
  DZ_NDPI_TRY([NDPI_GIVEUP_GUESS], [a guess switch in its giveup call (4.2 to 4.8)],
    [u_int8_t guessed; result = ndpi_detection_giveup(m, f, 1, &guessed); (void)result;])
  DZ_NDPI_TRY([NDPI_GIVEUP_3], [a giveup call of three arguments (4.10)],
    [u_int8_t guessed; result = ndpi_detection_giveup(m, f, &guessed); (void)result;])
  DZ_NDPI_TRY([NDPI_RESULT_NESTED], [a nested result (after 4.10)],
    [result.proto.app_protocol = 0;])
  DZ_NDPI_TRY([NDPI_RESULT_STATE], [a state in its result (5.0)],
    [result.state = 0;])
  DZ_NDPI_TRY([NDPI_SET_CONFIG], [configuration by name (4.10)],
    [ndpi_set_config(m, "", "", "");])
  DZ_NDPI_TRY([NDPI_BITMASK], [a protocol bitmask call (to 4.14)],
    [NDPI_PROTOCOL_BITMASK all; NDPI_BITMASK_SET_ALL(all); ndpi_set_protocol_detection_bitmask2(m, &all);])
  DZ_NDPI_TRY([NDPI_EXTRA_DISSECTION], [ndpi_extra_dissection_possible (to 4.14)],
    [return ndpi_extra_dissection_possible(m, f);])
  DZ_NDPI_TRY([NDPI_CIPHER2STR_1], [a cipher name call of one argument (4.2)],
    [return ndpi_cipher2str(0) != 0;])
  DZ_NDPI_TRY([NDPI_BREED_NAME_2], [a breed name call of two arguments (to 4.10)],
    [return ndpi_get_proto_breed_name(m, NDPI_PROTOCOL_SAFE) != 0;])
  DZ_NDPI_TRY([NDPI_CATEGORIES_2], [a categories call of two arguments (4.2)],
    [return ndpi_load_categories_file(m, "");])
  AC_CHECK_MEMBERS([struct ndpi_flow_struct.protos.tls_quic.alpn,
      struct ndpi_flow_struct.protos.tls_quic.ja3_client,
      struct ndpi_flow_struct.protos.tls_quic.ja4_client], [], [], [[#include <ndpi_api.h>]])
  CFLAGS=$dz_saved_CFLAGS
])
