# What `cmake --install` puts in place.
set_target_properties(sbx PROPERTIES OUTPUT_NAME ${SBX_COMMAND_NAME})
install(TARGETS sbx RUNTIME)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "examples/*")
install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
set(completions ${PROJECT_BINARY_DIR}/completions)
install(FILES ${completions}/${SBX_COMMAND_NAME}.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${SBX_COMMAND_NAME})
install(FILES ${completions}/_${SBX_COMMAND_NAME} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/${SBX_COMMAND_NAME}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
