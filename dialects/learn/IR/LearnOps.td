// All ops of the learn dialect.
#ifndef NNC_DIALECTS_LEARN_IR_LEARNOPS_TD
#define NNC_DIALECTS_LEARN_IR_LEARNOPS_TD

include "dialects/learn/IR/Gradient.td"
include "dialects/learn/IR/Program.td"
include "dialects/learn/IR/Data.td"
include "dialects/learn/IR/Schedule.td"
include "dialects/learn/IR/Entry.td"

#endif
