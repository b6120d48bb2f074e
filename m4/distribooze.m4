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

dnl DZ_ADD_LINK_FLAGS(VARIABLE, FLAGS): the same for those that the linker must take.
AC_DEFUN([DZ_ADD_LINK_FLAGS], [
  dz_saved_LDFLAGS=$LDFLAGS
  for dz_flag in $2; do
    AC_MSG_CHECKING([whether linking takes $dz_flag])
    LDFLAGS="$dz_saved_LDFLAGS $dz_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AC_MSG_RESULT([yes]); $1="$[]$1 $dz_flag"], [AC_MSG_RESULT([no])])
  done
  LDFLAGS=$dz_saved_LDFLAGS
])

dnl DZ_HARDEN: appends to DZ_FLAGS and DZ_LDFLAGS what makes a fault in parsing harder to use, as far as compiler and
dnl linker take it. Copies are checked only in optimised code, and where nobody has said how much already.
AC_DEFUN([DZ_HARDEN], [
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if !defined __OPTIMIZE__ || (defined _FORTIFY_SOURCE && _FORTIFY_SOURCE > 0)
#error
#endif
]])], [DZ_FLAGS="$DZ_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
  DZ_ADD_FLAGS([DZ_FLAGS], [-fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE])
  DZ_ADD_LINK_FLAGS([DZ_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
])

dnl DZ_NDPI_TRY(VARIABLE, WHAT, CODE): defines VARIABLE, and sets dz_VARIABLE to yes, when CODE compiles against nDPI
dnl without a warning.
AC_DEFUN([DZ_NDPI_TRY], [
  AC_MSG_CHECKING([whether nDPI has $2])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
      #include <ndpi_api.h>
      static struct ndpi_detection_module_struct *m; static struct ndpi_flow_struct *f;
      static unsigned char byte; ndpi_protocol result;]], [[$3]])],
    [AC_MSG_RESULT([yes]); dz_$1=yes; AC_DEFINE([$1], [1], [nDPI has $2])], [AC_MSG_RESULT([no]); dz_$1=no])
])

dnl DZ_NDPI_NONE(WHAT, VARIABLE...): stops when none of the shapes that are known of a call is there.
AC_DEFUN([DZ_NDPI_NONE], [
  AS_CASE([" m4_foreach([dz_each], [m4_shift($@)], [$dz_[]dz_each ])"], [*" yes "*], [],
    [AC_MSG_ERROR([nDPI $dz_ndpi_version: $1 has a shape that is not known; distribooze knows nDPI 4.2 to 6.0 (see config.log)])])
])

dnl The shapes of nDPI's calls that changed between 4.2 and later releases. Version numbers are not
dnl compared: packages and snapshots disagree about them.
AC_DEFUN([DZ_NDPI_FEATURES], [
  dz_saved_CFLAGS=$CFLAGS
  dz_ndpi_version=$($PKG_CONFIG --modversion libndpi)
  CFLAGS="$CFLAGS $NDPI_CFLAGS -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion"
  AC_MSG_CHECKING([whether nDPI's header compiles])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <ndpi_api.h>]], [])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); AC_MSG_ERROR([the header ndpi_api.h of nDPI $dz_ndpi_version does not compile; see config.log])])

  DZ_NDPI_TRY([NDPI_INIT_PREFS], [preferences in its initialisation (4.2 to 4.8)],
    [m = ndpi_init_detection_module(ndpi_no_prefs); ndpi_finalize_initialization(m);])
  DZ_NDPI_TRY([NDPI_INIT_CONTEXT], [a global context in its initialisation (4.10 to 5.0)],
    [m = ndpi_init_detection_module((struct ndpi_global_context *)0);])
  DZ_NDPI_TRY([NDPI_INIT_LICENCE], [a licence in its initialisation (6.0)],
    [m = ndpi_init_detection_module((struct ndpi_global_context *)0, NDPI_LICENSE_NOT_FOR_PROFIT_LGPL);])
  DZ_NDPI_NONE([the initialisation call], [NDPI_INIT_PREFS], [NDPI_INIT_CONTEXT], [NDPI_INIT_LICENCE])
  DZ_NDPI_TRY([NDPI_FINALIZE_RESULT], [a result of its second initialisation (5.0)],
    [return ndpi_finalize_initialization(m) == 0;])
  DZ_NDPI_TRY([NDPI_PREFS_ACK_HEURISTIC], [a preference for payload in bare ACKs (4.8)],
    [m = ndpi_init_detection_module(ndpi_enable_tcp_ack_payload_heuristic);])
  DZ_NDPI_TRY([NDPI_SET_ALLOCATOR_8], [one call that sets its allocator (5.0)],
    [ndpi_set_memory_alloction_functions(0, 0, 0, 0, 0, 0, 0, 0);])
  DZ_NDPI_TRY([NDPI_SET_ALLOCATOR], [a call for each part of its allocator (to 4.11)],
    [set_ndpi_malloc(0); set_ndpi_free(0); set_ndpi_flow_malloc(0); set_ndpi_flow_free(0);])

  DZ_NDPI_TRY([NDPI_PROCESS_5], [a packet call without hints (4.2)],
    [result = ndpi_detection_process_packet(m, f, &byte, 1, 0); (void)result;])
  DZ_NDPI_TRY([NDPI_PROCESS_6], [a packet call with hints (4.4)],
    [result = ndpi_detection_process_packet(m, f, &byte, 1, 0, 0); (void)result;])
  DZ_NDPI_NONE([the call for a packet], [NDPI_PROCESS_5], [NDPI_PROCESS_6])
  DZ_NDPI_TRY([NDPI_GIVEUP_GUESS], [a guess switch in its giveup call (4.2 to 4.8)],
    [u_int8_t guessed; result = ndpi_detection_giveup(m, f, 1, &guessed); (void)result;])
  DZ_NDPI_TRY([NDPI_GIVEUP_3], [a giveup call of three arguments (4.10)],
    [u_int8_t guessed; result = ndpi_detection_giveup(m, f, &guessed); (void)result;])
  DZ_NDPI_TRY([NDPI_GIVEUP_2], [a giveup call of two arguments (5.0)],
    [result = ndpi_detection_giveup(m, f); (void)result; return f->protocol_was_guessed;])
  DZ_NDPI_NONE([the call that gives a flow up], [NDPI_GIVEUP_GUESS], [NDPI_GIVEUP_3], [NDPI_GIVEUP_2])
  DZ_NDPI_TRY([NDPI_RESULT_FLAT], [a flat result (to 4.10)],
    [result.app_protocol = 0; result.master_protocol = 0;])
  DZ_NDPI_TRY([NDPI_RESULT_NESTED], [a nested result (after 4.10)],
    [result.proto.app_protocol = 0; result.proto.master_protocol = 0;])
  DZ_NDPI_NONE([the result], [NDPI_RESULT_FLAT], [NDPI_RESULT_NESTED])
  DZ_NDPI_TRY([NDPI_EXTRA_DISSECTION], [ndpi_extra_dissection_possible (to 4.14)],
    [return ndpi_extra_dissection_possible(m, f);])
  DZ_NDPI_TRY([NDPI_RESULT_STATE], [a state in its result (5.0)],
    [return result.state == NDPI_STATE_CLASSIFIED;])
  DZ_NDPI_NONE([what tells whether more can be learnt of a flow], [NDPI_EXTRA_DISSECTION], [NDPI_RESULT_STATE])
  DZ_NDPI_TRY([NDPI_ENCRYPTED_RESULT], [ndpi_is_encrypted_proto of a whole result (to 4.10)],
    [return ndpi_is_encrypted_proto(m, result);])
  DZ_NDPI_TRY([NDPI_ENCRYPTED_PAIR], [ndpi_is_encrypted_proto of master and application (5.0)],
    [return ndpi_is_encrypted_proto(m, result.proto);])
  DZ_NDPI_NONE([ndpi_is_encrypted_proto], [NDPI_ENCRYPTED_RESULT], [NDPI_ENCRYPTED_PAIR])

  DZ_NDPI_TRY([NDPI_SET_CONFIG], [configuration by name (4.10)],
    [ndpi_set_config(m, "", "", "");])
  DZ_NDPI_TRY([NDPI_BITMASK], [a protocol bitmask call (to 4.14)],
    [NDPI_PROTOCOL_BITMASK all; NDPI_BITMASK_SET_ALL(all); ndpi_set_protocol_detection_bitmask2(m, &all);])
  DZ_NDPI_TRY([NDPI_CIPHER2STR_1], [a cipher name call of one argument (4.2)],
    [return ndpi_cipher2str(0) != 0;])
  DZ_NDPI_TRY([NDPI_BREED_NAME_2], [a breed name call of two arguments (to 4.8)],
    [return ndpi_get_proto_breed_name(m, NDPI_PROTOCOL_SAFE) != 0;])
  DZ_NDPI_TRY([NDPI_CATEGORIES_2], [a categories call of two arguments (4.2)],
    [return ndpi_load_categories_file(m, "");])
  DZ_NDPI_TRY([NDPI_PROTO_BY_NAME], [ndpi_get_proto_by_name (after 4.10)],
    [return ndpi_get_proto_by_name(m, "");])
  DZ_NDPI_TRY([NDPI_MATCH_BY_IP], [a confidence by address (not 4.6)],
    [return NDPI_CONFIDENCE_MATCH_BY_IP;])
  DZ_NDPI_TRY([NDPI_VALIDATE_URL], [a call that judges a URL, which it does not judge itself (to 4.14)],
    [static char url; return ndpi_validate_url(&url) == NDPI_NO_RISK;])
  DZ_NDPI_TRY([NDPI_UNIDIRECTIONAL], [a risk of one-way flows (4.4)],
    [return NDPI_UNIDIRECTIONAL_TRAFFIC;])
  DZ_NDPI_TRY([NDPI_FTPS], [FTPS (4.6)],
    [return NDPI_PROTOCOL_FTPS;])
  DZ_NDPI_TRY([NDPI_RISK_ESNI], [the risk of ESNI (to 4.14)],
    [return NDPI_TLS_SUSPICIOUS_ESNI_USAGE;])
  DZ_NDPI_TRY([NDPI_RISK_FULLY_ENCRYPTED], [the risk of fully encrypted flows (4.8 to 4.14)],
    [return NDPI_FULLY_ENCRYPTED;])
  AC_CHECK_MEMBERS([struct ndpi_flow_struct.protos.tls_quic.alpn,
      struct ndpi_flow_struct.protos.tls_quic.ja3_client,
      struct ndpi_flow_struct.protos.tls_quic.ja4_client,
      struct ndpi_flow_struct.fpc.proto.app_protocol, struct ndpi_flow_struct.fpc.app_protocol,
      struct ndpi_flow_struct.tcp.fingerprint, struct ndpi_flow_struct.ndpi.fingerprint,
      struct ndpi_flow_struct.risk_infos, ndpi_protocol.protocol_by_ip, ndpi_protocol.protocol_stack], [], [], [[#include <ndpi_api.h>]])
  CFLAGS=$dz_saved_CFLAGS

  dnl Rules of the kind nbpf: are taken by a library that was built with ntop's nBPF, whose parser is then in it.
  dz_saved_LIBS=$LIBS
  LIBS="$NDPI_LIBS $LIBS"
  AC_MSG_CHECKING([whether nDPI has nBPF])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[char nbpf_parse(void);]], [[return nbpf_parse();]])],
    [AC_MSG_RESULT([yes]); AC_DEFINE([NDPI_NBPF], [1], [nDPI has nBPF])], [AC_MSG_RESULT([no])])
  LIBS=$dz_saved_LIBS
])
