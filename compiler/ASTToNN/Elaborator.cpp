#include "compiler/ASTToNN/Elaborator.h"
