;;; lsp-mode-session.el --- lsp-mode drives the real server, in batch  -*- lexical-binding: t -*-

;;; Commentary:

;; emacs -Q --batch -l lsp-mode-session.el FILE SERVER-COMMAND...
;;
;; Opens FILE, reviews it, waits for diagnostics, takes a ready fix out of the menu, then has the file fixed with
;; `edits.apply' "auto".  Prints a line for each step; the first that fails ends Emacs with 1.

;;; Code:

(load (expand-file-name "session.el" (file-name-directory load-file-name)) nil t)
(require 'lsp-mode)

(defun session-action (pattern)
  "The code action at point whose title matches PATTERN, or nil."
  (cl-find-if (lambda (action) (string-match-p pattern (lsp:code-action-title action)))
              (append (lsp-code-actions-at-point) nil)))

(defun session-choose (pattern)
  "Run the code action at point whose title matches PATTERN, as soon as it is offered."
  (lsp-execute-code-action
   (session-wait (format "the menu offers \"%s\"" pattern) (lambda () (session-action pattern)))))

(setq lsp-auto-guess-root t
      lsp-enable-file-watchers nil
      lsp-restart 'ignore
      lsp-warn-no-matched-clients nil)

(let ((file (pop command-line-args-left)) (server command-line-args-left))
  (setq command-line-args-left nil)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection server)
                    :activation-fn (lambda (&rest _) t)
                    :add-on? t
                    :server-id 'ponder))
  (setq lsp-enabled-clients '(ponder))
  (find-file file)
  (lsp-workspace-folders-add (file-name-directory file))
  (lsp)
  (session-wait "connected" (lambda () (and (lsp-workspaces) (eq 'initialized (lsp--workspace-status (car (lsp-workspaces)))))))
  (session-choose ": Review")
  (session-wait "findings are diagnostics"
                (lambda () (>= (length (gethash (buffer-file-name) (lsp-diagnostics))) 2)))
  (goto-char (point-min))
  (search-forward "orders=[]")
  (session-choose "Apply the fix")
  (session-wait "a ready fix is in the buffer" (lambda () (string-match-p "orders=None" (buffer-string))))
  (erase-buffer)
  (insert-file-contents file)
  (lsp-request "workspace/executeCommand"
               (list :command "ponder.run"
                     :arguments (vector (list :action "fix" :textDocument (lsp--text-document-identifier)))))
  (session-wait "an edit of the server is in the buffer"
                (lambda () (string-match-p "orders=None" (buffer-string))))
  (message "done: Emacs %s" emacs-version)
  (set-buffer-modified-p nil)
  (kill-emacs 0))

;;; lsp-mode-session.el ends here
