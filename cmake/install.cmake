# What `cmake --install` puts in place; man pages and completions are added where they are made.
set_target_properties(sbx PROPERTIES OUTPUT_NAME ${SBX_COMMAND_NAME})
install(TARGETS sbx RUNTIME)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "examples/*")
