# Helpers shared by every folder: one library per folder, one precompiled header for all MLIR code.

add_compile_options(-Wall -Wextra -Wno-unused-parameter -fdiagnostics-color=auto)
if(NNC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# nnc_library(NAME [MLIR] DEPENDS lib...): a static library of every .cpp of the current folder.
# MLIR: it includes MLIR headers, so it shares the precompiled header and LLVM's no-RTTI rule.
function(nnc_library name)
  cmake_parse_arguments(ARG "MLIR" "" "DEPENDS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS *.cpp)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_MLIR)
    target_link_libraries(${name} PUBLIC NNCMLIR)
    if(NOT name STREQUAL "NNCPrecompiled")
      target_precompile_headers(${name} REUSE_FROM NNCPrecompiled)
    endif()
  endif()
endfunction()
