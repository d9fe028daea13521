# Writes the prelude's files as an initialiser list of {name, text}.
set(text "")
foreach(file ${FILES})
  file(READ ${file} body)
  get_filename_component(name ${file} NAME)
  string(APPEND text "{\"prelude/${name}\", R\"nnprelude(${body})nnprelude\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
